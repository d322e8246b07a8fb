/** Names that somebody chose to do harm, and acts that can't be taken back. The names are those of the Rust tests too. */

import { describe, expect, it } from "vitest";
import { page, userEvent } from "vitest/browser";

import { customers } from "../records/customers";
import { names } from "../records/naughty";
import { open } from "./open";

/** As many as are in view at once. */
const ROWS = 12;
const sample = customers[1]!;

/** The page's elements and the names of their attributes: what a text that is read as markup would change. */
function skeleton(of: ParentNode) {
  return [...of.querySelectorAll("*")].map((one) => `${one.tagName} ${one.getAttributeNames().sort().join(" ")}`);
}

function batches(): string[][] {
  return Array.from({ length: Math.ceil(names.length / ROWS) }, (_, place) => names.slice(place * ROWS, (place + 1) * ROWS));
}

const rowsOf = (of: readonly string[]) =>
  of.map((name, place) => ({ ...sample, id: `c${place}`, name, subdomain: `kund-${place}`, slug: `kund-${place}`, contact_name: name }));
const shown = () => [...document.querySelectorAll("tr[data-customer]")];
const said = (element: Element) => element.textContent ?? "";

describe("S6 hostile names in the window are text", () => {
  it.each(batches().map((batch, place) => [place, batch] as const))("in the list, batch %i", async (_, batch) => {
    await open("/customers", { rows: rowsOf(batch.map((_, place) => `Kund ${place}`)) });
    await expect.poll(() => shown().length).toBe(batch.length);
    const plain = shown().map(skeleton);
    await open("/customers", { rows: rowsOf(batch) });
    await expect.poll(() => shown().some((row) => said(row).includes(batch[0]!))).toBe(true);
    expect(shown().map(skeleton)).toEqual(plain);
    for (const name of batch) expect(shown().some((row) => said(row).includes(name)), JSON.stringify(name)).toBe(true);
  });
});

describe("S13 a customer's record goes only once its subdomain is typed and the button pressed", () => {
  it("and Enter alone never fires", async () => {
    const { port } = await open("/customers/c1", {}, { customer_remove: () => null });
    await userEvent.click(page.getByRole("button", { name: /Åtgärder/ }));
    await userEvent.click(page.getByRole("menuitem", { name: "Ta bort kunden" }));
    const dialog = page.getByRole("dialog");
    const remove = dialog.getByRole("button", { name: "Ta bort kunden" });
    await expect.element(remove).toBeDisabled();
    const field = dialog.getByRole("textbox");
    for (const typed of ["{Enter}", "nordanvin{Enter}", "D{Enter}", "{Control>}{Enter}{/Control}"]) {
      await userEvent.type(field, typed);
      await expect.element(remove).toBeDisabled();
    }
    await userEvent.clear(field);
    await userEvent.type(field, "nordanvind{Enter}");
    await expect.element(remove).toBeEnabled();
    await userEvent.keyboard("{Control>}{Enter}{/Control}");
    expect(port.callsOf("customer_remove")).toEqual([]);
    await userEvent.click(remove);
    await expect.poll(() => port.callsOf("customer_remove")).toEqual([{ customer: "c1", confirm: "nordanvind" }]);
  });
});
