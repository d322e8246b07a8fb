/** axe on every screen, in both languages and both themes: nothing serious. */

import axe from "axe-core";
import { expect, it } from "vitest";
import { page, userEvent } from "vitest/browser";

import type { Language, Theme } from "@/backend/bindings";

import { open } from "./open";

const SCREENS = ["/customers", "/customers?new=true", "/customers/c1", "/customers/c3", "/requests", "/requests?request=req-open", "/requests?request=req-price", "/requests?request=req-ended", "/requests?archive=true&request=req-rejected", "/requests?new=true", "/runs", "/runs/run-c0", "/runs/run-failed", "/runs/run-undoing", "/runs/run-leftovers", "/runs/run-deciding", "/runs/run-token", "/runs/run-removed", "/runs/run-resumed", "/runs?group=failed", "/first-run", "/first-run?step=keyring", "/first-run?step=accounts", "/first-run?step=blueprint", "/first-run?step=customer", "/customers/c19", "/settings/general", "/settings/credentials", "/settings/providers", "/settings/blueprints", "/blueprints/factory", "/blueprints/atelier", "/settings/mail", "/settings/workspaces", "/settings/shortcuts", "/settings/about"];
const LOOKS: readonly (readonly [Language, Theme])[] = [["sv", "light"], ["sv", "dark"], ["en", "light"], ["en", "dark"]];

/** What axe finds that is serious, once nothing moves any more. */
async function serious() {
  await expect.poll(() => document.querySelector("[aria-busy]")).toBeNull();
  await expect.poll(() => document.querySelector("[data-starting-style]")).toBeNull();
  // An overlay that fades in has half its colours: it is looked at when it is there.
  await Promise.all(document.getAnimations().filter((one) => one instanceof CSSTransition).map((one) => one.finished));
  const { violations } = await axe.run(document, { resultTypes: ["violations"] });
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => [id, nodes.slice(0, 3).map(({ html, failureSummary }) => `${html}\n${failureSummary}`)]);
}

it.each(LOOKS)("a plan in %s, %s", async (language, theme) => {
  for (const customer of ["c1", "c9"]) {
    const { screen } = await open(`/customers/${customer}`, { language, theme });
    await expect.element(page.getByRole("heading", { level: 1 })).toBeInTheDocument();
    await userEvent.keyboard(".");
    await userEvent.click(page.getByRole("menuitem", { name: language === "sv" ? "Visa plan" : "Show plan" }));
    await expect.element(page.getByRole("dialog").getByRole("list").first()).toBeVisible();
    expect(await serious()).toEqual([]);
    await screen.unmount();
  }
});

it.each(LOOKS.flatMap(([language, theme]) => SCREENS.map((address) => [address, language, theme] as const)))(
  "%s in %s, %s",
  async (address, language, theme) => {
    await open(address, { language, theme });
    await expect.element(page.getByRole("heading").first()).toBeInTheDocument();
    await expect.poll(() => document.documentElement.dataset.theme).toBe(theme);
    expect(await serious()).toEqual([]);
    expect(document.documentElement.lang).toBe(language);
    expect(document.title).toMatch(/ – Fabrik$/);
  },
);

const LANGUAGES: readonly Language[] = ["sv", "en"];

it.each(LANGUAGES)("a list leaves its names room at 200 %% in %s", async (language) => {
  await page.viewport(720, 450);
  for (const [address, names] of [["/customers", "[data-row-link]"], ["/runs", "[data-run-link]"]] as const) {
    const { screen } = await open(address, { language });
    await expect.poll(() => document.querySelectorAll(names).length).toBeGreaterThan(3);
    const tight = () =>
      [...document.querySelectorAll(names)]
        .filter((name) => {
          const room = name.closest("td")?.getBoundingClientRect();
          return room === undefined || room.width <= 160 || room.right >= 720;
        })
        .map((name) => name.textContent);
    await expect.poll(tight, { message: address }).toEqual([]);
    await expect.poll(() => document.querySelector("table")?.getBoundingClientRect().right).toBeLessThanOrEqual(720.5);
    await screen.unmount();
  }
  await page.viewport(1440, 900);
});

/** The heads that stay in view, with what would be hidden under them. */
function headsThatHide(): string[] {
  return [...document.querySelectorAll<HTMLElement>("main *")]
    .filter((element) => getComputedStyle(element).position === "sticky")
    .filter((head) => {
      let scroller = head.parentElement;
      while (scroller !== null && !["auto", "scroll"].includes(getComputedStyle(scroller).overflowY)) scroller = scroller.parentElement;
      const kept = scroller === null ? 0 : Number.parseFloat(getComputedStyle(scroller).scrollPaddingTop) || 0;
      return kept + 1 < head.getBoundingClientRect().height;
    })
    .map((head) => head.outerHTML.slice(0, 160));
}

it.each([[1440, 900], [1024, 640]] as const)("what has the focus is under no head at %i × %i", async (width, height) => {
  await page.viewport(width, height);
  let heads = 0;
  for (const address of ["/customers", "/runs", "/runs/run-failed", "/runs/run-leftovers", "/runs/run-c0"]) {
    const { screen } = await open(address);
    await expect.element(page.getByRole("heading").first()).toBeInTheDocument();
    await expect.poll(() => document.querySelector("[aria-busy]")).toBeNull();
    heads += [...document.querySelectorAll("main *")].filter((element) => getComputedStyle(element).position === "sticky").length;
    await expect.poll(headsThatHide, { message: address }).toEqual([]);
    await screen.unmount();
  }
  expect(heads).toBeGreaterThan(7);
  await page.viewport(1440, 900);
});

it("what is longer than a low window says that it goes on", async () => {
  await page.viewport(1024, 640);
  for (const address of ["/first-run?step=accounts", "/settings/blueprints"]) {
    const { screen } = await open(address);
    await expect.element(page.getByRole("heading", { level: 1 })).toBeInTheDocument();
    const fade = () => {
      const scroller = [...document.querySelectorAll<HTMLElement>("main *")].find((element) => getComputedStyle(element).overflowY === "auto");
      const style = scroller && getComputedStyle(scroller, "::after");
      return [style?.position, style?.bottom, style?.pointerEvents];
    };
    await expect.poll(fade, { message: address }).toEqual(["sticky", "0px", "none"]);
    await screen.unmount();
  }
  await page.viewport(1440, 900);
});

it.each(LANGUAGES)(
  "nothing is cut off at 1024 × 640 in %s",
  async (language) => {
    await page.viewport(1024, 640);
    for (const address of SCREENS) {
      const { screen } = await open(address, { language });
      await expect.element(page.getByRole("heading").first()).toBeInTheDocument();
      await expect.poll(() => document.querySelector("[aria-busy]")).toBeNull();
      const wide = () =>
        [...document.querySelectorAll<HTMLElement>("main, main *")]
          .filter((element) => element.getBoundingClientRect().right > 1024.5 && element.getBoundingClientRect().width > 1 && element.checkVisibility())
          .map((element) => element.outerHTML.slice(0, 160));
      await expect.poll(wide, { message: address }).toEqual([]);
      await screen.unmount();
    }
    await page.viewport(1440, 900);
  },
);
