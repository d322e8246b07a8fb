/**
 * Every screen in Chromium, over `fabrik serve` and a sandbox: in both languages, both themes, in a small and a large
 * window. Nothing serious by axe, nothing cut off, no word of the other language. Pictures are kept to be looked at.
 */

import { mkdir } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";

import { type Browser, type BrowserContext, chromium, type Page } from "playwright";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { Language } from "@/backend/bindings";
import { createI18n } from "@/i18n/I18nProvider";

import { type Agency, furnish } from "./agency";
import { Fabrik, TARGET } from "./fabrik";
import { cutOff, violations, words } from "./inspection";
import { AT_WORK, FIRST_START, IN_TROUBLE, type Screen, TOKEN_REVOKED } from "./screens";
import { Vocabulary } from "./vocabulary";

const PICTURES = path.join(TARGET, "tmp/screenshots/browser");
const LANGUAGES: readonly Language[] = ["sv", "en"];
const THEMES = ["light", "dark"] as const;
const SMALL = { width: 1024, height: 640 };
const LARGE = { width: 1920, height: 1200 };

let fabrik: Fabrik;
let browser: Browser;
const windows = new Map<(typeof THEMES)[number], Page>();
const vocabulary = new Vocabulary();

/** A window whose system is light or dark, and which has seen the guide. */
async function open(theme: (typeof THEMES)[number]): Promise<Page> {
  const context: BrowserContext = await browser.newContext({ viewport: SMALL, colorScheme: theme, reducedMotion: "reduce", locale: "sv-SE", timezoneId: "Europe/Stockholm" });
  await context.addInitScript({ path: createRequire(import.meta.url).resolve("axe-core/axe.min.js") });
  await context.addInitScript((token) => {
    if (location.protocol === "about:") return;
    sessionStorage.setItem("fabrik.token", token);
    localStorage.setItem("fabrik.firstRun", "seen");
  }, fabrik.token);
  const page = await context.newPage();
  page.on("response", (response) => {
    if (response.url().includes("/call/")) void response.json().then((answer) => vocabulary.told(answer), () => undefined);
  });
  return page;
}

/** Waits until the page stands still: nothing is loading, every face is there, two frames are drawn. */
async function settled(page: Page) {
  await page.locator("h1, h2").first().waitFor();
  await page.waitForFunction(() => document.querySelector("[aria-busy=true], [data-starting-style]") === null);
  await page.evaluate(async () => {
    await document.fonts.ready;
    await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
  });
}

async function visit(screen: Screen, language: Language, theme: (typeof THEMES)[number]) {
  const page = windows.get(theme);
  if (page === undefined) throw new Error(`no ${theme} window`);
  const { t } = createI18n(language);
  await page.setViewportSize(SMALL);
  // By way of nowhere: another fragment alone would be the same page, with what the last visit left open.
  await page.goto("about:blank");
  await page.goto(`${fabrik.origin}/#${screen.address}`);
  await settled(page);
  await page.waitForFunction((lang) => document.documentElement.lang === lang, language);
  try {
    await screen.act?.({ page, t });
    await settled(page);
    const found: Record<string, string[]> = {};
    for (const size of [SMALL, LARGE]) {
      await page.setViewportSize(size);
      await settled(page);
      found[`cut off at ${size.width}`] = await cutOff(page);
      await page.screenshot({ path: path.join(PICTURES, `${screen.name}-${language}-${theme}-${size.width}.png`) });
    }
    found.axe = await violations(page);
    if (theme === "light") vocabulary.read(screen.name, language, await words(page));
    expect(Object.fromEntries(Object.entries(found).filter(([, faults]) => faults.length > 0)), `${screen.name}, ${theme}`).toEqual({});
    expect(await page.title()).toMatch(/ – Fabrik$/);
    expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe(theme);
  } finally {
    await page.unrouteAll();
    await page.context().setOffline(false);
  }
}

/** The screens of a group, in both languages. */
function look(screens: () => readonly Screen[], names: readonly string[]) {
  describe.each(LANGUAGES)("in %s", (language) => {
    beforeAll(async () => {
      await fabrik.call("language_set", { language });
    });
    it.each(names)("%s", async (name) => {
      const screen = screens().find((one) => one.name === name);
      if (screen === undefined) throw new Error(`no screen ${name}`);
      await Promise.all(THEMES.map((theme) => visit(screen, language, theme)));
    });
  });
}

beforeAll(async () => {
  await mkdir(PICTURES, { recursive: true });
  fabrik = await Fabrik.start();
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
  for (const theme of THEMES) windows.set(theme, await open(theme));
});

afterAll(async () => {
  await browser.close();
  await fabrik.stop();
});

const nowhere: Agency = { customer: { done: "", fresh: "", failed: "" }, run: { done: "", failed: "", rolledBack: "", leftover: "", question: "", running: "" } };
const namesOf = (screens: readonly Screen[]) => screens.map(({ name }) => name);

describe("at the first start", () => look(() => FIRST_START, namesOf(FIRST_START)));

describe("an agency at work", () => {
  let agency = nowhere;
  beforeAll(async () => {
    agency = await furnish(fabrik);
  });
  look(() => AT_WORK(agency), namesOf(AT_WORK(nowhere)));

  describe("whose token Vercel has taken back", () => {
    beforeAll(async () => {
      const token = (await fabrik.look<Record<string, string>>("environment")).FABRIK_SECRET_VERCEL;
      await fabrik.steer("tokens", { provider: "vercel", token, revoked: true });
    });
    look(() => TOKEN_REVOKED(agency), namesOf(TOKEN_REVOKED(nowhere)));
  });

  describe("to whom Fabrik does not answer", () => look(() => IN_TROUBLE, namesOf(IN_TROUBLE)));
});

it("no word is of the other language", () => {
  expect(vocabulary.strays()).toEqual([]);
});
