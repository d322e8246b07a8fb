/**
 * Every screen in Chromium, over `fabrik serve` and a sandbox: in both languages, both themes, in a small, a usual
 * and a large window, and at 200 %. Nothing serious by axe, nothing cut off or out of reach, no word of the other language. Pictures
 * are kept to be looked at.
 */

import { mkdir } from "node:fs/promises";
import path from "node:path";

import type { Browser, Page } from "playwright";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { Language } from "@/backend/bindings";
import { createI18n } from "@/i18n/I18nProvider";

import { type Agency, bringItsOwn, furnish } from "./agency";
import { go, LARGE, launch, open, settled, SMALL, type Theme, TIGHT, turn, USUAL, ZOOMED } from "./browser";
import { Fabrik, TARGET } from "./fabrik";
import { cutOff, outOfReach, violations, words } from "./inspection";
import { Postgres } from "./postgres";
import { AT_WORK, FIRST_START, IN_TROUBLE, type Screen, TOKEN_REVOKED, WITH_ITS_OWN, WITHOUT_ANSWERS } from "./screens";
import { Vocabulary } from "./vocabulary";

const PICTURES = path.join(TARGET, "tmp/screenshots/browser");
const LANGUAGES: readonly Language[] = ["sv", "en"];
/** Its words are the longer ones: where they have room at 200 %, so have the other's. */
const LONGER: Language = "sv";
/** The machine's cores are few: more windows at once only wait for each other. */
const WINDOWS = 2;

let fabrik: Fabrik;
let browser: Browser;
let server: Postgres;
const free: Page[] = [];
const vocabulary = new Vocabulary();

/** A window whose answers are listened to: what is in them is no text of the UI's. */
async function openWindow(): Promise<Page> {
  const page = await open(browser, fabrik);
  page.on("response", (response) => {
    if (response.url().includes("/call/")) void response.json().then((answer) => vocabulary.told(answer), () => undefined);
  });
  return page;
}

/** What each language begins in; it is looked at in the other one too. */
const THEME = { sv: "light", en: "dark" } as const satisfies Record<Language, Theme>;
const OTHER = { light: "dark", dark: "light" } as const satisfies Record<Theme, Theme>;

interface Inspected extends Pick<Screen, "name" | "waits" | "once" | "tight"> {
  zoomed: boolean;
  theme: Theme;
}

/** As it stands in a small window, with all twice as large where that is asked, and in a large one and the other theme. */
async function inspect(page: Page, { name, zoomed, theme, waits, once, tight }: Inspected): Promise<Record<string, string[]>> {
  const picture = (look: string) => page.screenshot({ path: path.join(PICTURES, `${name}-${look}.png`) });
  const found: Record<string, string[]> = {};
  const faults = () => Object.fromEntries(Object.entries(found).filter(([, list]) => list.length > 0));
  found["cut off when small"] = await cutOff(page);
  found[`axe when ${theme}`] = await violations(page);
  await picture(`${theme}-${SMALL.width}`);
  if (zoomed) {
    await page.setViewportSize(ZOOMED);
    await settled(page, waits);
    found["cut off at 200 %"] = await cutOff(page);
    found["out of reach at 200 %"] = await outOfReach(page);
    await picture(`${theme}-${ZOOMED.width}`);
  }
  if (once) return faults();
  if (tight) {
    await page.setViewportSize(TIGHT);
    await settled(page, waits);
    found["cut off beside a rail"] = await cutOff(page);
    await picture(`${theme}-${TIGHT.width}`);
  }
  await page.setViewportSize(USUAL);
  await settled(page, waits);
  found["cut off at the usual size"] = await cutOff(page);
  await page.setViewportSize(LARGE);
  await turn(page, OTHER[theme]);
  found["cut off when large"] = await cutOff(page);
  found[`axe when ${OTHER[theme]}`] = await violations(page);
  await picture(`${OTHER[theme]}-${LARGE.width}`);
  return faults();
}

async function visit(page: Page, screen: Screen, language: Language) {
  const { waits, once, tight } = screen;
  // What is looked at once has each language's other theme: between them they have both.
  const theme = once ? OTHER[THEME[language]] : THEME[language];
  const t = createI18n(language).t;
  await page.setViewportSize(SMALL);
  await page.emulateMedia({ colorScheme: theme });
  await screen.prepare?.({ page, t });
  await go(page, fabrik, screen.address);
  // What is opened there waits only once it is open.
  await settled(page, waits && screen.act === undefined);
  await page.waitForFunction((lang) => document.documentElement.lang === lang, language);
  await screen.act?.({ page, t });
  await settled(page, waits);
  vocabulary.read(screen.name, language, await words(page));
  expect(await inspect(page, { name: `${screen.name}-${language}`, zoomed: language === LONGER, theme, waits, once, tight })).toEqual({});
  expect(await page.title()).toMatch(/ – Fabrik$/);
}

/** The screens of a group, in both languages. */
function look(screens: () => readonly Screen[], names: readonly string[]) {
  describe.each(LANGUAGES)("in %s", (language) => {
    beforeAll(async () => {
      await fabrik.call("language_set", { language });
    });
    it.concurrent.each(names)("%s", async (name) => {
      const screen = screens().find((one) => one.name === name);
      const page = free.pop();
      if (screen === undefined || page === undefined) throw new Error(`no screen ${name}, or no window for it`);
      try {
        await visit(page, screen, language);
      } finally {
        await page.unrouteAll();
        free.push(page);
      }
    });
  });
}

beforeAll(async () => {
  await mkdir(PICTURES, { recursive: true });
  fabrik = await Fabrik.start();
  server = await Postgres.start();
  browser = await launch();
  for (let number = 0; number < WINDOWS; number += 1) free.push(await openWindow());
});

afterAll(async () => {
  await browser.close();
  await fabrik.stop();
  await server.stop();
});

const nowhere: Agency = { customer: { done: "", fresh: "", failed: "", orchestra: "", clientStack: "", anotherPlan: "" }, request: { open: "", price: "", ended: "", archived: "" }, run: { done: "", clientStack: "", failed: "", rolledBack: "", leftover: "", question: "", running: "" } };
const namesOf = (screens: readonly Screen[]) => screens.map(({ name }) => name);

describe("at the first start", () => look(() => FIRST_START, namesOf(FIRST_START)));

describe("an agency at work", () => {
  let agency = nowhere;
  beforeAll(async () => {
    agency = await furnish(fabrik);
  });
  look(() => AT_WORK(agency, server.url), namesOf(AT_WORK(nowhere, "")));

  describe("whose answers don't come, or are refused", () => look(() => WITHOUT_ANSWERS(agency), namesOf(WITHOUT_ANSWERS(nowhere))));

  describe("with a table and a blueprint of its own", () => {
    beforeAll(() => bringItsOwn(fabrik, server.url));
    look(() => WITH_ITS_OWN, namesOf(WITH_ITS_OWN));
  });

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
