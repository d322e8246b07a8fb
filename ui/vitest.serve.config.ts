/** The UI over `fabrik serve`, in a browser as it is installed: `npm run test:serve`. */

import { defineConfig, mergeConfig } from "vitest/config";

import base from "./vite.config";

export default mergeConfig(
  base,
  defineConfig({
    test: {
      environment: "node",
      include: ["test/serve/**/*.test.ts"],
      // States are waited for, on slow machines too; none of these is a time that is slept.
      testTimeout: 60_000,
      hookTimeout: 180_000,
    },
  }),
);
