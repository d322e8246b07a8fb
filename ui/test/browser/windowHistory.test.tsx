/** The window's address: when the browser is told of it. */

import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { createWindowHistory } from "@/windowHistory";

let history: ReturnType<typeof createWindowHistory>;
const begun = window.location.href;

/** The router tells a change at the end of what brought it about. */
async function after(change: () => void) {
  change();
  await Promise.resolve();
}

/** Each letter of a search takes the place of the address before it. */
async function type(...words: string[]) {
  for (const word of words) await after(() => history.replace(`/customers?q=${word}`));
}

/** The browser goes there by itself: its button, its keys. */
async function went(go: () => void) {
  const gone = new Promise((settle) => window.addEventListener("popstate", settle, { once: true }));
  go();
  await gone;
}

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  history = createWindowHistory();
  await after(() => history.push("/customers"));
  expect(window.location.hash).toBe("#/customers");
});

afterEach(() => {
  vi.runAllTimers();
  vi.useRealTimers();
  vi.restoreAllMocks();
  history.destroy();
  window.history.replaceState(null, "", begun);
});

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
  await after(() => history.push("/customers/1"));
  expect(window.location.hash).toBe("#/customers/1");
  await went(() => history.back());
  expect(window.location.hash).toBe("#/customers?q=lund");
});

it("is what one comes forward to after going back right away", async () => {
  await type("lund");
  await went(() => history.back());
  await went(() => history.forward());
  expect(window.location.hash).toBe("#/customers?q=lund");
});

it("gives up at once what its entry was to do", async () => {
  await after(() => history.push("/customers/1", { act: "provision" }));
  await after(() => history.replace("/customers/1", {}));
  expect(window.history.state).not.toHaveProperty("act");
});

it("does not take the place of one that looks the same, and that the browser itself went back to", async () => {
  await after(() => history.push("/customers", { act: "provision" }));
  await type("lund");
  await went(() => window.history.back());
  expect(history.location.state.act).toBeUndefined();
  vi.runAllTimers();
  expect(window.location.hash).toBe("#/customers");
});

it("stays, with its page, where one is asked to and does", async () => {
  await after(() => history.push("/customers/1"));
  const stay = vi.fn(() => true);
  const letGo = history.block({ blockerFn: stay, enableBeforeUnload: false });
  await after(() => history.replace("/customers/1?new=true", undefined, { ignoreBlocker: true }));
  // There, and back again.
  await went(() => window.history.back());
  await expect.poll(() => window.location.hash).toBe("#/customers/1");
  expect(stay).toHaveBeenCalledOnce();
  letGo();
});

it("does not take the place of another that was gone to by hand", async () => {
  await type("lund");
  await went(() => {
    window.location.hash = "#/settings";
  });
  vi.runAllTimers();
  expect(window.location.hash).toBe("#/settings");
});
