/** What the palette does with a customer, from any page. */

import { describe, expect, it } from "vitest";
import { page, userEvent } from "vitest/browser";

import { refuse } from "../port";
import { world } from "../world";
import { open } from "./open";

const find = async (words: string) => {
  await userEvent.keyboard("{Control>}k{/Control}");
  await userEvent.keyboard(words);
};
const options = () => page.getByRole("option").elements().map((option) => option.textContent ?? "");
const entry = (name: string) => page.getByRole("option", { name, exact: true });

describe("the palette, with a customer's name", () => {
  it("has all that can be done with the customer on top, its Vercel page too, and provisions only who is not yet", async () => {
    const { port } = await open("/settings/general");
    await find("tonika");
    await expect.element(page.getByText("Åtgärder för Tonika Musikskola")).toBeVisible();
    await expect.element(entry("Visa plan")).toBeInTheDocument();
    await expect.element(entry("Provisionera")).not.toBeInTheDocument();
    await userEvent.click(page.getByRole("option", { name: "Öppna Vercel" }));
    await expect.poll(() => port.callsOf("link_open")).toEqual([{ customer: "c6", target: "vercel" }]);
    await find("nordanvind");
    await expect.element(entry("Provisionera")).toHaveAttribute("aria-description", "Åtgärder för Nordanvind Byggkonsult");
  });

  it("and what is to be done provisions, once: the way back does not", async () => {
    const { port, history } = await open("/settings/general", { language: "en" });
    await find("provision nordan");
    await expect.poll(() => options()[0]).toBe("Provision Nordanvind Byggkonsult");
    await userEvent.keyboard("{Enter}");
    await expect.poll(() => history.location.pathname).toBe("/runs/run-c1");
    expect(port.callsOf("provision")).toEqual([{ customer: "c1", on_failure: "rollback" }]);
    history.back();
    await expect.element(page.getByRole("heading", { level: 1, name: "Nordanvind Byggkonsult" })).toBeVisible();
    expect(port.callsOf("provision")).toHaveLength(1);
  });

  it("and where the customer can't be shown, nothing is done once it can", async () => {
    const { port } = await open("/settings/general", { language: "en" }, { customer_get: () => refuse({ code: "internal" }) });
    await find("provision nordan");
    await expect.poll(() => options()[0]).toBe("Provision Nordanvind Byggkonsult");
    await userEvent.keyboard("{Enter}");
    const again = page.getByRole("button", { name: "Try again" });
    await expect.element(again).toBeVisible();
    port.answers.customer_get = world({ language: "en" }).answers.customer_get;
    await userEvent.click(again);
    await expect.element(page.getByRole("heading", { level: 1, name: "Nordanvind Byggkonsult" })).toBeVisible();
    expect(port.callsOf("plan")).toEqual([]);
  });

  it("provisions nobody who is not named: the beginning of the word may be that of a name", async () => {
    await open("/settings/general");
    await find("pro");
    await expect.poll(() => options().some((option) => option.startsWith("Gå till produktion för "))).toBe(true);
    expect(options().filter((option) => option.startsWith("Provisionera "))).toEqual([]);
    await userEvent.keyboard("visionera nordan");
    await expect.poll(() => options()[0]).toBe("Provisionera Nordanvind Byggkonsult");
  });

  it("says over them whether they are one customer's or several'", async () => {
    await open("/settings/general");
    await find("visa plan");
    await expect.element(page.getByText("Kunderna", { exact: true })).toBeVisible();
    await userEvent.keyboard(" tonika");
    await expect.poll(options).toEqual(["Visa plan för Tonika Musikskola"]);
    await expect.element(page.getByText("Kunden", { exact: true })).toBeVisible();
    await expect.element(page.getByText("Kunderna", { exact: true })).not.toBeInTheDocument();
  });

  it("shows the plan, also of the customer whose page is open", async () => {
    await open("/customers/c6");
    await expect.element(page.getByRole("heading", { level: 1, name: "Tonika Musikskola" })).toBeVisible();
    await find("plan tonika");
    await userEvent.click(entry("Visa plan för Tonika Musikskola"));
    await expect.element(page.getByRole("dialog", { name: "Plan för Tonika Musikskola" })).toBeVisible();
  });

  // WebKit tells of that Enter once the word is composed: by its code alone.
  it.each([{ isComposing: true }, { isComposing: false, keyCode: 229 }])("does nothing at the Enter that ends a word which is being composed: %j", async (how) => {
    await open("/settings/general");
    await find("provisionera nordan");
    await expect.poll(() => options()[0]).toBe("Provisionera Nordanvind Byggkonsult");
    const field = page.getByRole("combobox", { name: "Sök eller gör" }).element();
    const enter = new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true, ...how });
    field.dispatchEvent(enter);
    expect(enter.defaultPrevented).toBe(false);
    await expect.element(page.getByRole("combobox", { name: "Sök eller gör" })).toHaveValue("provisionera nordan");
  });

  it("opens a page of the one who is called so, by both names", async () => {
    const { port } = await open("/runs");
    await find("öppna vercel tonika");
    await userEvent.click(page.getByRole("option", { name: "Öppna Vercel för Tonika Musikskola" }));
    await expect.poll(() => port.callsOf("link_open")).toEqual([{ customer: "c6", target: "vercel" }]);
  });
});
