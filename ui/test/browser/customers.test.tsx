import { describe, expect, it } from "vitest";
import { page, userEvent } from "vitest/browser";

import { manyCustomers } from "../records/customers";
import { open } from "./open";

const currentRow = () => document.querySelector("tr[data-current]")?.textContent ?? "";
const rows = () => page.getByRole("table", { name: "Kunder" }).getByRole("row");

describe("the customer list", () => {
  it("is walked, opened and left by keyboard", async () => {
    const { history } = await open("/customers");
    await expect.element(page.getByText("Mälarstrand Konferens")).toBeVisible();
    await userEvent.keyboard("j");
    await expect.poll(currentRow).toContain("Åkermark");
    await userEvent.keyboard("{ArrowDown}j");
    await expect.poll(currentRow).toContain("Klockargården");
    await userEvent.keyboard("k");
    await expect.poll(currentRow).toContain("Nordanvind");
    await expect.element(page.getByRole("link", { name: "Nordanvind Byggkonsult" })).toHaveFocus();
    await userEvent.keyboard("{Enter}");
    await expect.poll(() => history.location.pathname).toBe("/customers/c1");
    await expect.element(page.getByRole("heading", { level: 1, name: "Nordanvind Byggkonsult" })).toBeVisible();
    await userEvent.keyboard("{Escape}");
    await expect.poll(() => history.location.pathname).toBe("/customers");
  });

  it("opens a row's actions on the full stop", async () => {
    await open("/customers");
    await expect.element(page.getByText("Mälarstrand Konferens")).toBeVisible();
    await userEvent.keyboard("jj.");
    await expect.element(page.getByRole("menuitem", { name: "Provisionera" })).toBeVisible();
  });

  it("is filtered on the slash, and letters typed there are no shortcuts", async () => {
    const { history } = await open("/customers");
    await expect.element(page.getByText("Mälarstrand Konferens")).toBeVisible();
    await userEvent.keyboard("/");
    await expect.element(page.getByRole("textbox", { name: "Filtrera kunder" })).toHaveFocus();
    await userEvent.keyboard("njord");
    await expect.element(page.getByText("Ingen kund stämmer med filtret")).toBeVisible();
    await expect.poll(() => history.location.href).toContain("q=njord");
    expect(history.location.href).not.toContain("new");
    await userEvent.click(page.getByRole("button", { name: "Rensa filtret" }));
    await expect.poll(() => rows().elements().length).toBe(21);
    await expect.element(page.getByRole("textbox", { name: "Filtrera kunder" })).toHaveValue("");
  });

  it("shows the states' counts, and one state's rows with its address", async () => {
    const { history } = await open("/customers");
    await userEvent.click(page.getByRole("button", { name: "Kräver åtgärd 2" }));
    await expect.poll(() => rows().elements().length).toBe(3);
    expect(history.location.href).toContain("needs_you");
  });

  it("is sorted by a press on a head, and turned round by another", async () => {
    await open("/customers");
    const head = page.getByRole("button", { name: "Kund", exact: true });
    await userEvent.click(head);
    await expect.element(page.getByRole("columnheader", { name: "Kund" })).toHaveAttribute("aria-sort", "ascending");
    await expect.poll(() => rows().nth(1).element().textContent).toContain("Björkåsa");
    await userEvent.click(head);
    await expect.poll(() => rows().nth(1).element().textContent).toContain("Östkusten");
  });

  it("draws only what is in view of ten thousand", async () => {
    await open("/customers", { rows: manyCustomers(10_000) });
    await expect.element(page.getByText("Kund 00000")).toBeVisible();
    expect(rows().elements().length).toBeLessThan(80);
    await expect.element(page.getByRole("table", { name: "Kunder" })).toHaveAttribute("aria-rowcount", "10001");
  });

  it("says what is missing where there is no customer", async () => {
    await open("/customers", { rows: [] });
    await expect.element(page.getByText("Inga kunder än")).toBeVisible();
  });

  it("keeps its rows when the connection is lost, and says so", async () => {
    const { port } = await open("/customers");
    await expect.element(page.getByText("Mälarstrand Konferens")).toBeVisible();
    port.connection(false);
    await expect.element(page.getByText(/går inte att nå/)).toBeVisible();
    await expect.element(page.getByText("Mälarstrand Konferens")).toBeVisible();
    port.connection(true);
    await expect.element(page.getByText(/går inte att nå/)).not.toBeInTheDocument();
  });
});

describe("provisioning from the list", () => {
  it("starts in one press and shows the run", async () => {
    const { port, history } = await open("/customers");
    await userEvent.click(page.getByRole("button", { name: "Provisionera Nordanvind Byggkonsult" }));
    await expect.poll(() => history.location.pathname).toBe("/runs/run-c1");
    expect(port.callsOf("provision")).toEqual([{ customer: "c1", on_failure: "keep" }]);
  });

  it("tells everything that is in the way at once, each with its next step, and starts nothing", async () => {
    const { port, history } = await open("/customers", {}, {
      plan: () => ({
        customer: manyCustomers(1)[0]!,
        can_run: false,
        steps: [],
        missing: [
          { code: "credential_missing", provider: "github" },
          { code: "region_not_offered", region: "af-south-1", offered: ["eu-north-1", "eu-west-1"], provider: "supabase" },
        ],
        expected_seconds: 100,
      }),
    });
    await userEvent.click(page.getByRole("button", { name: "Provisionera Nordanvind Byggkonsult" }));
    const dialog = page.getByRole("dialog", { name: "Nordanvind Byggkonsult kan inte provisioneras än" });
    await expect.element(dialog.getByText("Nyckeln för GitHub saknas")).toBeVisible();
    await expect.element(dialog.getByText("Välj en av: eu-north-1, eu-west-1.")).toBeVisible();
    expect(port.callsOf("provision")).toEqual([]);
    await userEvent.click(dialog.getByRole("button", { name: "Öppna nycklar" }));
    await expect.poll(() => history.location.pathname).toBe("/settings/credentials");
  });
});

it("the palette finds a customer and goes there", async () => {
  const { history } = await open("/runs");
  await expect.element(page.getByRole("heading", { name: "Körningar" })).toBeVisible();
  await userEvent.keyboard("{Control>}k{/Control}");
  await userEvent.keyboard("tonika");
  await expect.element(page.getByRole("option", { name: /Tonika Musikskola/ })).toBeVisible();
  await userEvent.keyboard("{Enter}");
  await expect.poll(() => history.location.pathname).toBe("/customers/c6");
});

it("the palette opens what was typed, also before the list has answered", async () => {
  const { history } = await open("/runs");
  await expect.element(page.getByRole("heading", { name: "Körningar" })).toBeVisible();
  await userEvent.keyboard("{Control>}k{/Control}");
  await expect.element(page.getByRole("option", { name: /Åkermark/ })).toBeVisible();
  await userEvent.keyboard("nycklar{Enter}");
  await expect.poll(() => history.location.pathname).toBe("/settings/credentials");
});

it("a chord goes to a page, and single keys can be switched off", async () => {
  const { history } = await open("/settings/shortcuts");
  await expect.element(page.getByRole("checkbox", { name: "Kortkommandon med en tangent" })).toBeChecked();
  await userEvent.keyboard("gr");
  await expect.poll(() => history.location.pathname).toBe("/runs");
  await userEvent.keyboard("gs");
  await expect.poll(() => history.location.pathname).toBe("/settings/general");
  await userEvent.click(page.getByRole("link", { name: "Kortkommandon" }));
  await userEvent.click(page.getByRole("checkbox", { name: "Kortkommandon med en tangent" }));
  (document.activeElement as HTMLElement).blur();
  await userEvent.keyboard("gr");
  await expect.poll(() => history.location.pathname).toBe("/settings/shortcuts");
});
