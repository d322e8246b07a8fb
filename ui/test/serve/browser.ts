/** The browser that is installed, and windows in it that are let in to a `fabrik serve`. */

import { createRequire } from "node:module";

import { type Browser, chromium, type Page } from "playwright";

import type { Fabrik } from "./fabrik";

export const SMALL = { width: 1024, height: 640 };
/** The first size of the window, with all it shows twice as large. */
export const ZOOMED = { width: 720, height: 450 };
/** A laptop's: the rail stands beside the page, and leaves it the least room. */
export const TIGHT = { width: 1280, height: 800 };
/** As most windows are: between the others, with what neither has. */
export const USUAL = { width: 1440, height: 900 };
export const LARGE = { width: 1920, height: 1200 };

/** No test tool downloads a browser. */
export function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
}

export type Theme = "light" | "dark";

interface Look {
  /** What the system is set to. */
  theme?: Theme;
  size?: { width: number; height: number };
  /** It has not seen the guide. */
  guide?: boolean;
}

/** A window that stands still where it can, with axe in it. */
export async function open(browser: Browser, fabrik: Fabrik, { theme = "light", size = SMALL, guide = false }: Look = {}): Promise<Page> {
  const context = await browser.newContext({ viewport: size, colorScheme: theme, reducedMotion: "reduce", locale: "sv-SE", timezoneId: "Europe/Stockholm" });
  await context.addInitScript({ path: createRequire(import.meta.url).resolve("axe-core/axe.min.js") });
  await context.addInitScript(
    ({ token, seen }) => {
      if (location.protocol === "about:") return;
      // What one page leaves behind for the way back to it is no other's.
      sessionStorage.clear();
      localStorage.removeItem("fabrik.sidebar");
      sessionStorage.setItem("fabrik.token", token);
      if (seen) localStorage.setItem("fabrik.firstRun", "seen");
    },
    { token: fabrik.token, seen: !guide },
  );
  return context.newPage();
}

/** Goes to an address by way of nowhere: another fragment alone would be the same page, with what was left open on it. */
export async function go(page: Page, fabrik: Fabrik, address: string) {
  await page.goto("about:blank");
  await page.goto(`${fabrik.origin}/#${address}`);
}

/**
 * Waits until the page stands still: nothing is fading, every face is there, two frames are drawn. Nothing is loading, or
 * something still is where an answer never comes.
 */
export async function settled(page: Page, isBusy = false) {
  await page.locator("h1, h2").first().waitFor();
  await page.waitForFunction(
    (busy) => (document.querySelector("[aria-busy=true]") !== null) === busy && document.querySelector("[data-starting-style]") === null,
    isBusy,
  );
  await page.evaluate(async () => {
    await document.fonts.ready;
    await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
    // A colour on its way is none of the design's. One that is taken away in the middle has ended too.
    await Promise.allSettled(document.getAnimations().filter((one) => one instanceof CSSTransition).map((one) => one.finished));
  });
}

/** The system turns light or dark, and the window with it. */
export async function turn(page: Page, theme: Theme) {
  await page.emulateMedia({ colorScheme: theme });
  await page.waitForFunction((wanted) => document.documentElement.dataset.theme === wanted, theme);
  await settled(page);
}
