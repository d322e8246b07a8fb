/** The README's pictures, of an agency at work in the sandbox: `scripts/pictures`. */

import { mkdir } from "node:fs/promises";
import path from "node:path";

import type { Browser } from "playwright";
import { afterAll, beforeAll, describe, it } from "vitest";

import { createI18n } from "@/i18n/I18nProvider";

import { furnish, runAtPace } from "./agency";
import { go, launch, open, settled, type Theme } from "./browser";
import { Fabrik, ROOT } from "./fabrik";
import { AT_WORK, FIRST_START, type Screen } from "./screens";

const FOLDER = path.join(ROOT, "docs/screenshots");
const SIZE = { width: 1440, height: 900 };
const PATIENCE_MS = 600_000;
/** The screens that say most, each in the theme it is shown in. */
const BEFORE = [["first-run-accounts", "light"]] as const;
const SHOWN = [
  ["customers", "light"],
  ["customer", "light"],
  ["plan", "light"],
  ["run-failed", "light"],
  ["palette", "dark"],
] as const;

describe("the README's pictures", () => {
  let browser: Browser;
  const { t } = createI18n("en");

  beforeAll(async () => {
    await mkdir(FOLDER, { recursive: true });
    browser = await launch();
  });
  afterAll(() => browser.close());

  /** What is shown in a window of its own, in an agency of its own. */
  const within = async (show: (fabrik: Fabrik) => Promise<void>) => {
    const fabrik = await Fabrik.start();
    await fabrik.call("language_set", { language: "en" });
    await show(fabrik);
    await fabrik.stop();
  };

  const take = async (fabrik: Fabrik, screen: Screen | undefined, theme: Theme) => {
    if (screen === undefined) throw new Error("no such screen");
    const page = await open(browser, fabrik, { theme, size: SIZE });
    await go(page, fabrik, screen.address);
    await settled(page);
    await screen.act?.({ page, t });
    await settled(page);
    await page.screenshot({ path: path.join(FOLDER, `${screen.name}${theme === "dark" ? "-dark" : ""}.png`) });
    await page.context().close();
  };

  it("are taken of an agency at work", () =>
    within(async (fabrik) => {
      for (const [name, theme] of BEFORE) await take(fabrik, FIRST_START.find((one) => one.name === name), theme);
      // None of them is of a server.
      const screens = AT_WORK(await furnish(fabrik), "");
      for (const [name, theme] of SHOWN) await take(fabrik, screens.find((one) => one.name === name), theme);
    }), PATIENCE_MS);

  it("are taken of a run at the vendors' pace", () =>
    within(async (fabrik) => {
      const address = `/runs/${await runAtPace(fabrik)}`;
      for (const theme of ["light", "dark"] as const) await take(fabrik, { name: "run-running", address }, theme);
    }), PATIENCE_MS);
});
