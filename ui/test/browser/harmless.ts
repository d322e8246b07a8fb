/** What holds of a page whose texts somebody chose to do harm: it shows them, and nothing of them has become an element or a link. */

import { expect } from "vitest";

/** As a page shows it: a row of spaces is one. */
export const seen = (text: string) => text.replace(/[\t\n\r\v ]+/g, " ").trim();

/** What each of these elements says. */
export const said = (selector: string) => [...document.querySelectorAll(selector)].map(({ textContent }) => seen(textContent ?? ""));

/** Sees that the page has no element that a text could have made, and no link that leaves the window. */
export function expectHarmless() {
  const risen = document.querySelectorAll("#root :is(iframe, img, form[action], base, meta, object, embed, script, [onload], [onerror], [onmouseover])");
  expect([...risen].map(({ outerHTML }) => outerHTML)).toEqual([]);
  for (const link of document.querySelectorAll<HTMLAnchorElement>("#root a[href]")) {
    expect(link.getAttribute("href"), "a link within the window").toMatch(/^(\/(?!\/)|#)/);
  }
}
