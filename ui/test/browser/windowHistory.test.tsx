/** The window's address: when the browser is told of it. */

import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { createWindowHistory } from "@/windowHistory";

let history: ReturnType<typeof createWindowHistory>;
const begun = window.location.href;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  history = createWindowHistory();
  history.push("/customers");
  await Promise.resolve();
  expect(window.location.hash).toBe("#/customers");
});

afterEach(() => {
  vi.runAllTimers();
  vi.useRealTimers();
  vi.restoreAllMocks();
  history.destroy();
  window.history.replaceState(null, "", begun);
});

/** Each letter of a search takes the place of the address before it. */
async function type(...words: string[]) {
  for (const word of words) {
    history.replace(`/customers?q=${word}`);
    await Promise.resolve();
  }
}

it("is known to the router at once, and to the browser when it has stood for a moment", async () => {
  const told = vi.spyOn(window.history, "replaceState");
  await type(...Array.from({ length: 300 }, (_, number) => `a${number}`));
  expect(history.location.href).toBe("/customers?q=a299");
  expect(window.location.hash).toBe("#/customers");
  vi.runAllTimers();
  expect(window.location.hash).toBe("#/customers?q=a299");
  expect(told).toHaveBeenCalledOnce();
});

it("is what one comes back to from the page that was opened right after", async () => {
  await type("lund");
  history.push("/customers/1");
  await Promise.resolve();
  expect(window.location.hash).toBe("#/customers/1");
  history.back();
  // The page of a test has a question of its own behind it.
  await expect.poll(() => history.location.href).toContain("/customers?q=lund");
  expect(window.location.hash).toBe("#/customers?q=lund");
});

it("does not take the place of the one that the browser itself went back to", async () => {
  history.push("/customers/1");
  await Promise.resolve();
  history.replace("/customers/1?new=true");
  await Promise.resolve();
  window.history.back();
  await expect.poll(() => history.location.pathname).toBe("/customers");
  vi.runAllTimers();
  expect(window.location.hash).toBe("#/customers");
});

it("is told before the page is loaded again", async () => {
  await type("lund");
  window.dispatchEvent(new PageTransitionEvent("pagehide"));
  expect(window.location.hash).toBe("#/customers?q=lund");
});

it("does not take the place of another that was gone to by hand", async () => {
  await type("lund");
  window.location.hash = "#/settings";
  vi.runAllTimers();
  expect(window.location.hash).toBe("#/settings");
});
