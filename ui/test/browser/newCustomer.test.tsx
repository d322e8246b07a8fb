import { expect, it } from "vitest";
import { page, userEvent } from "vitest/browser";

import type { BlueprintSummary } from "@/backend/bindings";

import { factory } from "../records/blueprints";
import { customerDetail, customers } from "../records/customers";
import { refuse } from "../port";
import { later, open } from "./open";

const field = (name: string) => page.getByRole("textbox", { name, exact: true });

it("suggests a subdomain from the name, and says that it is free", async () => {
  await open("/customers?new=true");
  await expect.element(field("Namn")).toHaveFocus();
  await userEvent.keyboard("Åsa & Örjans Måleri");
  await expect.element(field("Subdomän")).toHaveValue("asa-orjans-maleri");
  await expect.element(page.getByText("Ledig")).toBeVisible();
});

it("tells every fault at its field, and goes to the first", async () => {
  const { port } = await open("/customers?new=true");
  await userEvent.type(field("Namn"), "Ny kund");
  await expect.element(field("Subdomän")).toHaveValue("ny-kund");
  await userEvent.clear(field("Subdomän"));
  await userEvent.type(field("Subdomän"), "tonika");
  await expect.element(page.getByText(/Tonika Musikskola har redan tonika/)).toBeVisible();
  await userEvent.type(field("Kontaktens e-post"), "inget");
  await userEvent.clear(field("Namn"));
  await userEvent.keyboard("{Control>}{Enter}{/Control}");
  await expect.element(page.getByText("Skriv ett namn.")).toBeVisible();
  await expect.element(page.getByText(/Skriv en e-postadress/)).toBeVisible();
  await expect.element(field("Namn")).toHaveFocus();
  await expect.element(field("Kontaktens e-post")).toHaveAttribute("aria-invalid", "true");
  await expect.element(field("Kontaktens e-post")).toHaveAccessibleDescription(/Skriv en e-postadress/);
  expect(port.callsOf("customer_add")).toEqual([]);
});

it("is open before the blueprints are there, and begins in its first field when they are", async () => {
  const blueprints = later<BlueprintSummary[]>();
  await open("/customers?new=true", {}, { blueprints_list: () => blueprints.promise });
  const dialog = page.getByRole("dialog", { name: "Ny kund" });
  await expect.element(dialog).toBeVisible();
  await expect.element(field("Namn")).not.toBeInTheDocument();
  blueprints.settle([factory]);
  await expect.element(field("Namn")).toHaveFocus();
});

it("says why there is no form where the blueprints can't be read, and looks again", async () => {
  let broken = true;
  await open("/customers/c1", {}, { blueprints_list: () => (broken ? refuse({ code: "disk_full" }) : [factory]) });
  await userEvent.click(page.getByRole("button", { name: /Åtgärder/ }));
  await userEvent.click(page.getByRole("menuitem", { name: "Redigera kunden" }));
  const dialog = page.getByRole("dialog", { name: "Redigera kunden" });
  await expect.element(dialog.getByText("Disken är full")).toBeVisible();
  broken = false;
  await userEvent.click(dialog.getByRole("button", { name: "Försök igen" }));
  await expect.element(field("Namn")).toHaveValue("Nordanvind Byggkonsult");
});

it("asks before what was typed is lost, but not on Cancel", async () => {
  const { history } = await open("/customers?new=true");
  await userEvent.type(field("Namn"), "Ny kund");
  await userEvent.keyboard("{Escape}");
  const asked = page.getByRole("dialog", { name: "Lämna utan att spara?" });
  await userEvent.click(asked.getByRole("button", { name: "Fortsätt redigera" }));
  await expect.element(field("Namn")).toHaveValue("Ny kund");
  await userEvent.click(page.getByRole("dialog", { name: "Ny kund" }).getByRole("button", { name: "Avbryt" }));
  await expect.element(page.getByRole("dialog")).not.toBeInTheDocument();
  expect(history.location.search).toBe("");
});

it("asks before the list it is over loses what was typed", async () => {
  const { history } = await open("/customers?new=true");
  await userEvent.type(field("Namn"), "Ny kund");
  history.push("/customers");
  const asked = page.getByRole("dialog", { name: "Lämna utan att spara?" });
  await userEvent.click(asked.getByRole("button", { name: "Fortsätt redigera" }));
  await expect.element(asked).not.toBeInTheDocument();
  await expect.element(field("Namn")).toHaveValue("Ny kund");
  history.push("/customers");
  await userEvent.click(asked.getByRole("button", { name: "Släng ändringarna" }));
  await expect.element(page.getByRole("dialog")).not.toBeInTheDocument();
});

it("is sent by Ctrl Enter from any field, and the customer is shown", async () => {
  const { port, history } = await open("/customers?new=true", {}, { customer_add: () => customers[4]! });
  await userEvent.type(field("Namn"), "Ny Byrå");
  await expect.element(page.getByText("Ledig")).toBeVisible();
  await userEvent.type(field("Kontaktens e-post"), "eva@byra.se");
  await userEvent.keyboard("{Control>}{Enter}{/Control}");
  await expect.poll(() => history.location.pathname).toBe("/customers/c4");
  expect(port.callsOf("customer_add")).toEqual([
    {
      new: expect.objectContaining({ name: "Ny Byrå", subdomain: "ny-byra", contact_email: "eva@byra.se", plan: "starter", blueprint: "factory", language: "sv" }),
    },
  ]);
});

it("shows what Rust refuses at the field it is about", async () => {
  await open("/customers?new=true", {}, { customer_add: () => refuse({ code: "email_invalid", email: "eva@byra.se" }) });
  await userEvent.type(field("Namn"), "Ny Byrå");
  await expect.element(page.getByText("Ledig")).toBeVisible();
  await userEvent.type(field("Kontaktens e-post"), "eva@byra.se");
  await userEvent.click(page.getByRole("button", { name: /Skapa kund/ }));
  await expect.element(field("Kontaktens e-post")).toHaveFocus();
  await expect.element(field("Kontaktens e-post")).toHaveAttribute("aria-invalid", "true");
});

it("a customer is removed only once its subdomain is typed", async () => {
  const { port, history } = await open("/customers/c1", {}, { customer_remove: () => null });
  await userEvent.click(page.getByRole("button", { name: /Åtgärder/ }));
  await userEvent.click(page.getByRole("menuitem", { name: "Ta bort kunden" }));
  const dialog = page.getByRole("dialog");
  const remove = dialog.getByRole("button", { name: "Ta bort kunden" });
  await expect.element(dialog.getByRole("button", { name: "Avbryt" })).toHaveFocus();
  await userEvent.type(dialog.getByRole("textbox"), "nordanvin");
  await expect.element(remove).toBeDisabled();
  await userEvent.type(dialog.getByRole("textbox"), "d");
  await userEvent.keyboard("{Enter}");
  expect(port.callsOf("customer_remove")).toEqual([]);
  await userEvent.click(remove);
  await expect.poll(() => history.location.pathname).toBe("/customers");
  expect(port.callsOf("customer_remove")).toEqual([{ customer: "c1", confirm: "nordanvind" }]);
});

it("a customer is removed by its name too, to the letter", async () => {
  const { port } = await open("/customers/c1", {}, { customer_remove: () => null });
  await userEvent.click(page.getByRole("button", { name: /Åtgärder/ }));
  await userEvent.click(page.getByRole("menuitem", { name: "Ta bort kunden" }));
  const dialog = page.getByRole("dialog");
  const remove = dialog.getByRole("button", { name: "Ta bort kunden" });
  for (const typed of ["Nordanvind", "nordanvind byggkonsult", "Nordanvind  Byggkonsult"]) {
    await userEvent.fill(dialog.getByRole("textbox"), typed);
    await expect.element(remove).toBeDisabled();
  }
  await userEvent.fill(dialog.getByRole("textbox"), " Nordanvind Byggkonsult ");
  await userEvent.click(remove);
  await expect.poll(() => port.callsOf("customer_remove")).toEqual([{ customer: "c1", confirm: " Nordanvind Byggkonsult " }]);
});

it("a customer with an instance is not removed: the way leads to the instance first", async () => {
  await open("/customers/c4", { language: "en" });
  await userEvent.click(page.getByRole("button", { name: /Actions/ }));
  await userEvent.click(page.getByRole("menuitem", { name: "Delete customer" }));
  const dialog = page.getByRole("dialog");
  await expect.element(dialog.getByRole("button", { name: "Delete customer" })).toBeDisabled();
  await expect.element(dialog.getByRole("textbox")).not.toBeInTheDocument();
  await userEvent.click(dialog.getByRole("button", { name: "Remove the instance first…" }));
  await expect.element(page.getByRole("dialog").getByRole("list").first()).toBeVisible();
});

it.each([true, false])("says that whoever has a row in the connected table comes back from it: %s", async (isConnected) => {
  const row = { ...customers.find(({ id }) => id === "c1")!, source: "db.byra.se:5432/byra public.organizations by id" };
  const mapping = { table: { schema: "public", name: "organizations" }, columns: {}, statuses: {} };
  const connected = { place: "postgres://fabrik@db.byra.se/byra", mapping, untold: 0 };
  const { port } = await open("/customers/c1", {}, {
    customer_get: () => customerDetail(row),
    source_get: () => (isConnected ? { connected } : {}),
  });
  await userEvent.click(page.getByRole("button", { name: /Åtgärder/ }));
  await userEvent.click(page.getByRole("menuitem", { name: "Ta bort kunden" }));
  const said = page.getByRole("dialog").getByText("Raden i public.organizations finns kvar.", { exact: false });
  if (isConnected) {
    await expect.element(said).toBeVisible();
  } else {
    await expect.poll(() => port.callsOf("source_get").length).toBeGreaterThan(0);
    await expect.element(said).not.toBeInTheDocument();
  }
});
