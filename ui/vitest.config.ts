import { playwright } from "@vitest/browser-playwright";
import { configDefaults, defineConfig, mergeConfig } from "vitest/config";

import base from "./vite.config.ts";

/** Every package that the window or its tests import, by entry point. */
const packages = [
  "react",
  "react/jsx-runtime",
  "react/jsx-dev-runtime",
  "react-dom",
  "react-dom/client",
  ...["checkbox", "csp-provider", "dialog", "menu", "radio", "radio-group", "select", "toast"].map((part) => `@base-ui/react/${part}`),
  "@tanstack/react-query",
  "@tanstack/react-router",
  "@tanstack/react-virtual",
  "@tauri-apps/api/core",
  "@tauri-apps/api/event",
  "lucide-react",
  "axe-core",
  "vitest-browser-react",
];

/** The machine's own browser: no test tool downloads one. */
const chromium = process.env.CHROMIUM ?? "/usr/bin/chromium";

export default mergeConfig(
  base,
  defineConfig({
    // What the Rust tests read too lies beside the UI.
    server: { fs: { allow: [".."] } },
    test: {
      projects: [
        {
          extends: true,
          test: { name: "unit", environment: "node", include: ["test/unit/**/*.test.ts"] },
        },
        {
          extends: true,
          // Named here, so that the server doesn't find them one by one and reload in the middle of a test.
          optimizeDeps: { include: packages },
          test: {
            name: "browser",
            include: ["test/browser/**/*.test.tsx"],
            exclude: configDefaults.exclude,
            // States are waited for, on slow machines too; none of these is a time that is slept.
            testTimeout: 60_000,
            expect: { poll: { timeout: 15_000 } },
            browser: {
              enabled: true,
              headless: true,
              screenshotFailures: false,
              viewport: { width: 1440, height: 900 },
              provider: playwright({
                launchOptions: {
                  executablePath: chromium,
                  args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"],
                },
              }),
              instances: [{ browser: "chromium" }],
            },
          },
        },
      ],
    },
  }),
);
