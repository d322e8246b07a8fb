/** The README's pictures, of an agency at work in the sandbox: `scripts/pictures`. */

import { mkdir } from "node:fs/promises";
import path from "node:path";

import type { Browser } from "playwright";
import { afterAll, beforeAll, describe, it } from "vitest";

import { createI18n } from "@/i18n/I18nProvider";

import { type Agency, furnish } from "./agency";
import { go, launch, open, settled } from "./browser";
import { Fabrik, ROOT } from "./fabrik";
import { AT_WORK, FIRST_START } from "./screens";

const FOLDER = path.join(ROOT, "docs/screenshots");
const SIZE = { width: 1440, height: 900 };
/** The screens that say most, each in the theme it is shown in. */
const BEFORE = [["first-run-accounts", "light"]] as const;
const SHOWN = [
  ["customers", "light"],
  ["customer", "light"],
  ["plan", "light"],
  ["run-running", "light"],
  ["run-running", "dark"],
  ["run-failed", "light"],
  ["palette", "dark"],
] as const;

describe("the README's pictures", () => {
  let fabrik: Fabrik;
  let browser: Browser;
  const { t } = createI18n("en");

  beforeAll(async () => {
    await mkdir(FOLDER, { recursive: true });
    fabrik = await Fabrik.start();
    browser = await launch();
    await fabrik.call("language_set", { language: "en" });
  });
  afterAll(async () => {
    await browser.close();
    await fabrik.stop();
  });

  const take = async (shown: readonly (readonly [string, "light" | "dark"])[], agency?: Agency) => {
    // None of them is of a server.
    const screens = agency === undefined ? FIRST_START : AT_WORK(agency, "");
    for (const [name, theme] of shown) {
      const screen = screens.find((one) => one.name === name);
      if (screen === undefined) throw new Error(`no screen ${name}`);
      const page = await open(browser, fabrik, { theme, size: SIZE });
      await go(page, fabrik, screen.address);
      await settled(page);
      await screen.act?.({ page, t });
      await settled(page);
      await page.screenshot({ path: path.join(FOLDER, `${name}${theme === "dark" ? "-dark" : ""}.png`) });
      await page.context().close();
    }
  };

  it("are taken", async () => {
    await take(BEFORE);
    await take(SHOWN, await furnish(fabrik));
  }, 600_000);
});
