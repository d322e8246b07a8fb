/** What the look at a page tells of a page that is known. */

import type { Browser } from "playwright";
import { afterAll, beforeAll, expect, it } from "vitest";

import { launch, ZOOMED } from "./browser";
import { cutOff, outOfReach, words } from "./inspection";

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());

/** The controls of such a page that are told, by their ids. */
async function toldOf(body: string): Promise<(string | undefined)[]> {
  const page = await browser.newPage({ viewport: ZOOMED });
  await page.setContent(`<style>body { margin: 0; height: 100vh; overflow: hidden }</style>${body}`);
  const found = await outOfReach(page);
  await page.close();
  return found.map((text) => /id="(\w+)"/.exec(text)?.[1]);
}

it("tells the controls that nobody gets at", async () => {
  const found = await toldOf(`
    <div style="width: 60px; overflow: hidden; white-space: nowrap"><button id="pushed" style="margin-left: 80px">a</button></div>
    <div style="position: relative; width: 60px"><button id="covered">b</button><div style="position: absolute; inset: 0"></div></div>
    <button id="below" style="position: fixed; top: 500px">c</button>`);
  expect(found).toEqual(["pushed", "covered", "below"]);
});

it("tells none that is scrolled to, cut where it ends, for readers only, or behind a dialog or a message", async () => {
  const found = await toldOf(`
    <div style="height: 100px; overflow: auto"><div style="height: 900px"></div><button id="scrolled">a</button></div>
    <div style="width: 60px; overflow: hidden; white-space: nowrap"><a href="#" id="long">a name that is far too long for its box</a></div>
    <a href="#" id="skip" style="position: absolute; clip-path: inset(50%)">b</a>
    <button id="beneath" style="position: fixed; left: 0; bottom: 0">c</button>
    <div role="dialog" aria-modal="false" style="position: fixed; left: 0; bottom: 0; width: 90px; height: 40px"></div>`);
  expect(found).toEqual([]);
  const behind = '<button id="behind">d</button><div role="dialog" style="position: fixed; inset: 0"><button id="asked">e</button></div>';
  expect(await toldOf(behind)).toEqual([]);
});

it("tells what a dialog or the page ends with where a message lies over it", async () => {
  const at = "position: fixed; left: 0; bottom: 0";
  const message = `<div role="dialog" aria-modal="false" style="${at}; width: 90px; height: 40px"></div>`;
  expect(await toldOf(`<div data-foot style="${at}"><button id="chosen">a</button></div>${message}`)).toEqual(["chosen"]);
  const dialog = `<div role="dialog" style="position: fixed; inset: 0"><footer style="${at}"><button id="sent">b</button></footer></div>`;
  expect(await toldOf(dialog + message)).toEqual(["sent"]);
});

it("leaves the page scrolled as it was", async () => {
  const page = await browser.newPage({ viewport: ZOOMED });
  await page.setContent('<div id="list" style="height: 100px; overflow: auto"><div style="height: 900px"></div><button>a</button></div>');
  await page.locator("#list").evaluate((list) => list.scrollTo(0, 40));
  expect(await outOfReach(page)).toEqual([]);
  expect(await page.locator("#list").evaluate((list) => list.scrollTop)).toBe(40);
  await page.close();
});

it("tells words that lie over the border of their card, though a hint has the whole of them", async () => {
  const page = await browser.newPage({ viewport: ZOOMED });
  const fact = (id: string, width: string) => `<article style="width: 120px"><p id="${id}" title="all of it" style="width: ${width}; overflow: hidden; white-space: nowrap">a value that is far too long for its card</p></article>`;
  await page.setContent(`<style>body { margin: 0; height: 100vh; overflow: hidden }</style>${fact("over", "200px")}${fact("within", "auto")}`);
  expect((await cutOff(page)).map((text) => /^[^:]+/.exec(text)?.[0])).toEqual(["words out of their card"]);
  await page.close();
});

it("looks at the open menu alone, and reads a name that is marked in part as one", async () => {
  const menu = '<button id="behind" style="position: fixed; inset: 0">a</button><div role="menu" style="position: fixed; inset: 0"><div role="menuitem" id="item">b</div></div>';
  expect(await toldOf(menu)).toEqual([]);
  const page = await browser.newPage();
  await page.setContent('<html lang="sv"><p>Bj<mark>ö</mark>rkåsa</p></html>');
  expect(await words(page)).toEqual(["Björkåsa"]);
  await page.close();
});

it("tells words that lie over others beside them", async () => {
  const page = await browser.newPage({ viewport: ZOOMED });
  const at = (left: number) => `position: absolute; top: 0; left: ${left}px`;
  await page.setContent(`<style>body { margin: 0; height: 100vh; overflow: hidden }</style>
    <div style="position: relative; height: 20px"><span style="${at(0)}">0:00</span><span style="${at(20)}">0:05</span><span style="${at(90)}">0:10</span></div>
    <p>one <b>line</b> of <i>words</i> that <b>lie beside</b> others</p>`);
  expect((await cutOff(page)).map((text) => /^[^<]+ in /.exec(text)?.[0])).toEqual(["words over words: 0:05 over 0:00 in "]);
  await page.close();
});
