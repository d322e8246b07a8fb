/**
 * The UI over `fabrik serve`, in a browser as it is installed. The mode says which files: the tests (`npm run test:serve`),
 * the figures (`npm run bench`), the README's pictures (`npm run pictures`).
 */

import { defineConfig, mergeConfig } from "vitest/config";

import base from "./vite.config.ts";

export default defineConfig(({ mode }) =>
  mergeConfig(base, {
    test: {
      environment: "node",
      // As many as there are windows.
      maxConcurrency: 2,
      // Figures are printed as they stand.
      disableConsoleIntercept: mode === "bench",
      include: [`test/serve/**/*.${mode}.ts`],
      // States are waited for, on slow machines too; none of these is a time that is slept.
      testTimeout: 60_000,
      hookTimeout: 600_000,
    },
  }),
);
