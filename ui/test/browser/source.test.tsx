/** The agency's own table of customers: looked at, its columns chosen, ten rows shown, connected, fetched and let be. */

import { describe, expect, it } from "vitest";
import { type Locator, page, userEvent } from "vitest/browser";

import type { ConnectedSource, Mapping, SourceLook, SourcePreview, SourceReport } from "@/backend/bindings";

import { type Answers, refuse } from "../port";
import { later, open } from "./open";

/** Waits for the list to be gone, too: while it fades, it offers the same words as the next one. */
async function choose(select: Locator, option: { name: string | RegExp; exact?: boolean }) {
  await userEvent.click(select);
  await userEvent.click(page.getByRole("option", option));
  await expect.element(page.getByRole("listbox")).not.toBeInTheDocument();
}

const PLACE = "postgres://fabrik@db.studio.se/byran";
const organizations = { schema: "public", name: "organizations_with_credits" };
const requests = { schema: "crm", name: "agency_onboarding_requests" };

const mapping: Mapping = {
  table: organizations,
  columns: { external_id: "id", name: "name", subdomain: "slug", contact_email: "email", credits: "credits_balance" },
  statuses: {},
  results: { table: { schema: "public", name: "organizations" }, key: "id", columns: { production_url: "production_url" }, succeeded: "active" },
};

const look: SourceLook = {
  tables: [organizations, requests],
  preset: "factory",
  columns: [
    { name: "id", kind: "uuid" },
    { name: "name", kind: "text" },
    { name: "slug", kind: "character varying(80)" },
    { name: "email", kind: "text" },
    { name: "billing_email", kind: "text" },
    { name: "credits_balance", kind: "numeric" },
    { name: "production_url", kind: "character varying(200)" },
  ],
  written: [
    { name: "id", kind: "uuid" },
    { name: "slug", kind: "character varying(80)" },
    { name: "email", kind: "text" },
    { name: "status", kind: "text" },
    { name: "production_url", kind: "character varying(200)" },
  ],
  mapping,
};

const preview: SourcePreview = {
  problems: [],
  rows: [
    {
      key: "1",
      name: "Åkermark & Co",
      customer: { name: "Åkermark & Co", subdomain: "akermark", contact_email: "anna@akermark.example", blueprint: "factory", plan: "starter", language: "sv", modules: [], credits: 1250, status: "pending" },
      asks: false,
      problems: [],
    },
    { key: "2", name: "Utan adress", asks: false, problems: [{ code: "field_missing", field: "contact_email" }] },
    { key: "3", name: "Dahl Byrå", asks: false, problems: [] },
  ],
};

const report: SourceReport = { rows: 3, added: 1, asked: 0, changed: 0, unchanged: 0, skipped: 1, refused: 1, absent: 0, told: 2, refusals: [{ key: "2", name: "Utan adress", problems: [{ code: "field_missing", field: "contact_email" }] }], untold: [] };

const connected: ConnectedSource = { place: PLACE, mapping, seen_at: "2026-11-21T12:50:00Z", untold: 1 };

const card = () => page.getByRole("region", { name: "Byråns egen kundtabell" });
const button = (name: string) => card().getByRole("button", { name, exact: true });
const group = (name: string | RegExp) => card().getByRole("group", { name });

/** A server with that table; what is connected there stays connected. */
function server(more: Answers = {}): Answers {
  let source: ConnectedSource | undefined;
  return {
    source_get: () => (source === undefined ? {} : { connected: source }),
    source_look: () => look,
    source_results_to: ({ mapping: before, table }) => ({ ...before, results: { key: "id", succeeded: "active", ...before.results, table, columns: { status: "outcome" } } }),
    source_preview: () => preview,
    source_connect: ({ mapping: chosen }) => {
      source = { ...connected, mapping: chosen, untold: 0 };
      return { connected: source };
    },
    source_refresh: () => report,
    ...more,
  };
}

async function looked(more: Answers = {}) {
  const opened = await open("/settings/workspaces", {}, server(more));
  await userEvent.fill(card().getByLabelText("Databasens adress"), PLACE);
  await userEvent.fill(card().getByLabelText("Lösenord till tabellens server"), "hunter2");
  await userEvent.click(button("Visa tabeller"));
  return opened;
}

describe("a table of the agency's own", () => {
  it("is proposed column by column, shown as ten rows, and connected as it was chosen", async () => {
    const { port } = await looked();
    await expect.element(card().getByRole("combobox", { name: "Tabell eller vy" })).toHaveTextContent("organizations_with_credits");
    expect(port.callsOf("source_look")).toEqual([{ url: PLACE, password: "hunter2", preset: null, table: null }]);
    const read = group("Kunder läses från");
    await expect.element(read.getByRole("combobox", { name: "Subdomän" })).toHaveTextContent("slug");
    await expect.element(read.getByRole("combobox", { name: "Plan" })).toHaveTextContent("Ingen");
    await expect.element(group("Resultat skrivs till organizations")).toBeVisible();
    await expect.element(button("Anslut tabellen")).toBeDisabled();

    await userEvent.click(button("Visa tio rader"));
    const rows = card().getByRole("row");
    await expect.element(rows.nth(1)).toHaveTextContent("1Åkermark & Coanna@akermark.exampleakermarkNyfactory, StartBlir kund");
    await expect.element(rows.nth(2)).toHaveTextContent("Fältet e-post saknas");
    await expect.element(rows.nth(3)).toHaveTextContent("Ingen kund, enligt sin status");
    await expect.element(button("Anslut tabellen")).toBeEnabled();

    // What was shown is not what would be connected any more.
    await choose(read.getByRole("combobox", { name: "E-post" }), { name: /billing_email/ });
    await expect.element(card().getByRole("table")).not.toBeInTheDocument();
    await expect.element(button("Anslut tabellen")).toBeDisabled();
    await userEvent.click(button("Visa tio rader"));
    await userEvent.click(button("Anslut tabellen"));
    const chosen = { ...mapping, columns: { ...mapping.columns, contact_email: "billing_email" } };
    await expect.poll(() => port.callsOf("source_connect")).toEqual([{ url: PLACE, password: "hunter2", mapping: chosen }]);
    await expect.element(card().getByText(PLACE)).toBeVisible();
    await expect.element(page.getByText("Tabellen är ansluten")).toBeVisible();
    await expect.poll(() => port.callsOf("source_refresh").length, { message: "its customers come at once" }).toBe(1);
    await expect.element(card().getByLabelText("Lösenord till tabellens server")).not.toBeInTheDocument();
  });

  it("is not connected by the rows of another choice, which came late", async () => {
    const late = later<SourcePreview>();
    await looked({ source_preview: () => late.promise });
    await userEvent.click(button("Visa tio rader"));
    await expect.element(button("Visa tio rader")).toBeDisabled();
    await choose(group("Kunder läses från").getByRole("combobox", { name: "E-post" }), { name: /billing_email/ });
    late.settle(preview);
    await expect.element(button("Visa tio rader")).toBeEnabled();
    await expect.element(card().getByRole("table")).not.toBeInTheDocument();
    await expect.element(button("Anslut tabellen")).toBeDisabled();
  });

  it("keeps what is chosen while the columns of another table are read", async () => {
    const late = later<SourceLook>();
    const { port } = await looked({ source_look: ({ table }) => (table?.name === requests.name ? late.promise : look) });
    const written = group(/^Resultat skrivs till/);
    await choose(written.getByRole("combobox", { name: "Tabell för resultat" }), { name: "crm.agency_onboarding_requests" });
    await choose(group("Kunder läses från").getByRole("combobox", { name: "E-post" }), { name: /billing_email/ });
    late.settle({ ...look, columns: [{ name: "outcome", kind: "text" }] });
    await expect.element(group("Resultat skrivs till agency_onboarding_requests")).toBeVisible();
    await userEvent.click(button("Visa tio rader"));
    await expect.poll(() => port.callsOf("source_preview")[0]?.mapping).toMatchObject({
      columns: { contact_email: "billing_email" },
      results: { table: requests },
    });
  });

  it("has another one of its tables chosen", async () => {
    const { port } = await looked();
    await choose(card().getByRole("combobox", { name: "Tabell eller vy" }), { name: "crm.agency_onboarding_requests" });
    await expect.poll(() => port.callsOf("source_look").at(-1)?.table).toEqual(requests);
  });

  it("is known by its name, or said to be of another system: its columns and words are proposed anew", async () => {
    const statuses: Mapping["statuses"] = { approved: "pending", pending: "none" };
    const { port } = await looked({
      source_look: ({ preset, table }) => ({
        ...look,
        preset: preset ?? (table?.name === requests.name ? undefined : "factory"),
        mapping: { ...mapping, table: table ?? organizations, statuses: preset === "agency" ? statuses : {} },
      }),
    });
    const system = () => card().getByRole("combobox", { name: "System" });
    await expect.element(system()).toHaveTextContent("factory");
    await choose(card().getByRole("combobox", { name: "Tabell eller vy" }), { name: "crm.agency_onboarding_requests" });
    await expect.element(system()).toHaveTextContent("Inget av dem");
    await choose(system(), { name: "agency", exact: true });
    await expect.element(system()).toHaveTextContent("agency");
    expect(port.callsOf("source_look").at(-1)).toMatchObject({ preset: "agency", table: requests });
    await userEvent.click(button("Visa tio rader"));
    await expect.poll(() => port.callsOf("source_preview")[0]?.mapping.statuses).toEqual(statuses);
  });

  it("is not read for a field whose column is taken away, and results that go nowhere are not written", async () => {
    const { port } = await looked();
    const none = async (within: ReturnType<typeof group>, field: string) => {
      await choose(within.getByRole("combobox", { name: field }), { name: "Ingen" });
    };
    await none(group("Kunder läses från"), "Krediter");
    await none(group(/^Resultat skrivs till/), "Produktionsadress");
    await userEvent.click(button("Visa tio rader"));
    await expect.poll(() => port.callsOf("source_preview").length).toBe(1);
    const sent = port.callsOf("source_preview")[0]?.mapping;
    expect(sent?.columns).not.toHaveProperty("credits");
    expect(sent?.results).toBeUndefined();
  });

  it("has its results found by the id that customers are read with, or by another column of theirs", async () => {
    const { port } = await looked();
    const written = group(/^Resultat skrivs till/);
    await expect.element(written.getByRole("combobox", { name: "Raden hittas med" })).toHaveTextContent("id");
    await choose(group("Kunder läses från").getByRole("combobox", { name: "Id i tabellen" }), { name: /^slug/ });
    await expect.element(written.getByRole("combobox", { name: "Raden hittas med" })).toHaveTextContent("slug");
    await userEvent.click(button("Visa tio rader"));
    await expect.poll(() => port.callsOf("source_preview")[0]?.mapping.results?.key).toBe("slug");

    // What was said by hand is not followed.
    await choose(written.getByRole("combobox", { name: "Raden hittas med" }), { name: /^email/ });
    await choose(group("Kunder läses från").getByRole("combobox", { name: "Id i tabellen" }), { name: /^id/ });
    await userEvent.click(button("Visa tio rader"));
    await expect.poll(() => port.callsOf("source_preview")[1]?.mapping.results?.key).toBe("email");
  });

  it("whose results would go to others' rows says so, and is not connected", async () => {
    await looked({ source_preview: () => ({ problems: [{ code: "source_key_astray", table: "public.organizations", column: "legacy_no", value: "7" }], rows: [] }) });
    await userEvent.click(button("Visa tio rader"));
    await expect.element(card().getByText("legacy_no är inte kundens id")).toBeVisible();
    await expect.element(button("Anslut tabellen")).toBeDisabled();
  });

  it("has its statuses and what is written told in its own words", async () => {
    const stated: Mapping = { ...mapping, columns: { ...mapping.columns, status: "status" }, statuses: { trial: "pending", lost: "inactive" } };
    const { port } = await looked({ source_look: () => ({ ...look, mapping: stated }) });
    const statuses = group("Vad tabellens statusar betyder");
    await choose(statuses.getByRole("combobox", { name: "trial" }), { name: "Har sin instans" });
    await choose(statuses.getByRole("combobox", { name: "lost" }), { name: "Som vanligt" });
    await userEvent.fill(statuses.getByLabelText("Ett ord till i tabellen"), " Demo ");
    await userEvent.keyboard("{Enter}");
    await expect.element(statuses.getByRole("combobox", { name: "demo" })).toHaveTextContent("Väntar på sin instans");
    const written = group(/^Resultat skrivs till/);
    await userEvent.fill(written.getByLabelText("Status när instansen finns"), "live");
    await userEvent.keyboard("{Enter}");
    await userEvent.fill(written.getByLabelText("Status när instansen är borttagen"), "gone");
    expect(port.callsOf("source_look").length, "Enter looks at nothing anew").toBe(1);
    await userEvent.click(button("Visa tio rader"));
    await expect.poll(() => port.callsOf("source_preview")[0]?.mapping).toEqual({
      ...stated,
      statuses: { trial: "active", demo: "pending" },
      results: { ...mapping.results, succeeded: "live", removed: "gone" },
    });
  });

  it("has its results written to another table, whose columns are proposed and to choose among", async () => {
    const other = { ...look, columns: [{ name: "outcome", kind: "text" }, { name: "site", kind: "text" }] };
    const { port } = await looked({ source_look: ({ table }) => (table?.name === requests.name ? other : look) });
    const written = group(/^Resultat skrivs till/);
    await choose(written.getByRole("combobox", { name: "Tabell för resultat" }), { name: "crm.agency_onboarding_requests" });
    await expect.element(group("Resultat skrivs till agency_onboarding_requests")).toBeVisible();
    expect(port.callsOf("source_results_to")).toEqual([{ url: PLACE, password: "hunter2", preset: "factory", mapping, table: requests }]);
    expect(port.callsOf("source_look").at(-1)).toMatchObject({ preset: null, table: requests });
    await expect.element(written.getByRole("combobox", { name: "Status", exact: true })).toHaveTextContent("outcome");
    await expect.element(written.getByRole("combobox", { name: "Produktionsadress" })).toHaveTextContent("Ingen");
    await choose(written.getByRole("combobox", { name: "Produktionsadress" }), { name: /^site/ });
    await expect.element(card().getByRole("combobox", { name: "Tabell eller vy" })).toHaveTextContent("organizations_with_credits");
    await userEvent.click(button("Visa tio rader"));
    await expect
      .poll(() => port.callsOf("source_preview")[0]?.mapping.results)
      .toEqual({ ...mapping.results, table: requests, columns: { status: "outcome", production_url: "site" } });
  });

  it("has results of its own begun without a word that nobody chose, as on the command line", async () => {
    const { port } = await looked({ source_look: () => ({ ...look, mapping: { ...mapping, results: undefined } }) });
    const url = group(/^Resultat skrivs till/).getByRole("combobox", { name: "Produktionsadress" });
    await choose(url, { name: /^production_url/ });
    await userEvent.click(button("Visa tio rader"));
    await expect
      .poll(() => port.callsOf("source_preview")[0]?.mapping.results)
      .toEqual({ table: organizations, key: "id", columns: { production_url: "production_url" } });
  });

  it("keeps the table and the words of its results while their last column is chosen anew", async () => {
    const { port } = await looked();
    const url = () => group(/^Resultat skrivs till/).getByRole("combobox", { name: "Produktionsadress" });
    await choose(url(), { name: "Ingen" });
    await expect.element(group("Resultat skrivs till organizations")).toBeVisible();
    await choose(url(), { name: /^production_url/ });
    await userEvent.click(button("Visa tio rader"));
    await expect.poll(() => port.callsOf("source_preview")[0]?.mapping).toEqual(mapping);
  });

  it("says nothing of blueprint and plan: these are chosen for all", async () => {
    const { port } = await looked();
    const usual = group("Där tabellen inget säger");
    await choose(usual.getByRole("combobox", { name: "Mall för alla" }), { name: "factory" });
    await choose(usual.getByRole("combobox", { name: "Plan för den som inte har någon" }), { name: "Professional" });
    await userEvent.click(button("Visa tio rader"));
    await expect.poll(() => port.callsOf("source_preview")[0]?.mapping).toEqual({ ...mapping, blueprint: "factory", plan: "professional" });
  });

  it("shows who asks in it, and who goes to the inbox once it is fetched", async () => {
    const asking = { ...preview, rows: preview.rows.map((row) => ({ ...row, asks: row.customer !== undefined })) };
    const { port } = await looked({ source_preview: () => asking, source_refresh: () => ({ ...report, asked: 2 }) });
    await userEvent.click(button("Visa tio rader"));
    await expect.element(card().getByRole("row").nth(1)).toHaveTextContent("1Åkermark & Coanna@akermark.exampleakermarkNyfactory, StartBlir en förfrågan");
    await userEvent.click(button("Anslut tabellen"));
    // By the keyboard: for its five seconds what was done is told over it.
    await expect.element(button("Hämta nu")).toBeVisible();
    button("Hämta nu").element().focus();
    await userEvent.keyboard("{Enter}");
    await expect.element(card().getByText(/2 resultat skrivna\. 2 nya förfrågningar\./)).toBeVisible();
    expect(port.callsOf("source_refresh").length, "once as it was connected, once by hand").toBe(2);
  });

  it("that can't be mapped so says all that is wrong, and is not connected", async () => {
    await looked({
      source_preview: () => ({
        problems: [
          { code: "source_column_unfit", column: "id", found: "integer[]", field: "external_id" },
          { code: "source_key_repeated", column: "id", value: "7" },
        ],
        rows: [],
      }),
    });
    await userEvent.click(button("Visa tio rader"));
    await expect.element(card().getByText("Kolumnen id är av fel typ")).toBeVisible();
    await expect.element(card().getByText("Den är integer[] och kan inte vara ”Id i tabellen”. Välj en annan.")).toBeVisible();
    await expect.element(card().getByText("Flera rader har samma id")).toBeVisible();
    await expect.element(card().getByRole("table")).not.toBeInTheDocument();
    await expect.element(button("Anslut tabellen")).toBeDisabled();
  });

  it("whose server lets nobody in says so; the address stays to be mended", async () => {
    await looked({ source_look: () => refuse({ code: "source_login_refused", server: "db.studio.se:5432", user: "fabrik" }) });
    await expect.element(card().getByText(/släpper inte in fabrik/)).toBeVisible();
    await expect.element(card().getByLabelText("Databasens adress")).toHaveValue(PLACE);
    await expect.element(button("Visa tio rader")).not.toBeInTheDocument();
  });

  it("is asked about before its address and its columns are lost on another page", async () => {
    const { history } = await looked();
    await choose(group("Kunder läses från").getByRole("combobox", { name: "E-post" }), { name: /billing_email/ });
    const asked = page.getByRole("dialog", { name: "Lämna utan att spara?" });
    await userEvent.click(page.getByRole("link", { name: "Mallar" }));
    await userEvent.click(asked.getByRole("button", { name: "Fortsätt redigera" }));
    await expect.element(asked).not.toBeInTheDocument();
    expect(history.location.pathname).toBe("/settings/workspaces");
    await expect.element(card().getByLabelText("Databasens adress")).toHaveValue(PLACE);
    await userEvent.click(page.getByRole("link", { name: "Mallar" }));
    await userEvent.click(asked.getByRole("button", { name: "Släng ändringarna" }));
    await expect.poll(() => history.location.pathname).toBe("/settings/blueprints");
  });

  it("without an address has nothing to look at", async () => {
    const { port } = await open("/settings/workspaces", {}, server());
    await userEvent.click(button("Visa tabeller"));
    await expect.element(card().getByLabelText("Databasens adress")).toHaveFocus();
    expect(port.callsOf("source_look")).toEqual([]);
  });
});

describe("a table that is connected", () => {
  it("is fetched at once, and tells what came of each row that was refused", async () => {
    const { port } = await open("/settings/workspaces", {}, server({ source_get: () => ({ connected }), source_refresh: () => report }));
    await expect.element(card().getByText("1 resultat återstår att skriva.")).toBeVisible();
    await userEvent.click(button("Hämta nu"));
    await expect.element(card().getByText("3 rader: 1 tillagd, 1 är ingen kund, 1 avvisad. 2 resultat skrivna.")).toBeVisible();
    await expect.element(card().getByText("Utan adress: Fältet e-post saknas")).toBeVisible();
    expect(port.callsOf("source_refresh").length).toBe(1);
  });

  it("keeps its mapping while its columns are looked at once more, with neither address nor password", async () => {
    const changed = { ...mapping, columns: { ...mapping.columns, name: "slug" } };
    const { port } = await open("/settings/workspaces", {}, server({ source_get: () => ({ connected: { ...connected, mapping: changed } }) }));
    await userEvent.click(button("Ändra kolumner"));
    await expect.element(card().getByLabelText("Databasens adress")).not.toBeInTheDocument();
    await expect.element(card().getByLabelText("Lösenord till tabellens server")).toHaveFocus();
    await userEvent.click(button("Visa tabeller"));
    await expect.poll(() => port.callsOf("source_look")).toEqual([{ url: null, password: null, preset: null, table: organizations }]);
    await expect.element(group("Kunder läses från").getByRole("combobox", { name: "Namn" })).toHaveTextContent("slug");
    // What is chosen anew is asked about before it is lost, and let go by Cancel.
    await choose(group("Kunder läses från").getByRole("combobox", { name: "Namn" }), { name: /^name/ });
    await userEvent.click(page.getByRole("link", { name: "Mallar" }));
    const asked = page.getByRole("dialog", { name: "Lämna utan att spara?" });
    await userEvent.click(asked.getByRole("button", { name: "Fortsätt redigera" }));
    await expect.element(asked).not.toBeInTheDocument();
    await userEvent.click(button("Avbryt"));
    await expect.element(button("Visa tabeller")).not.toBeInTheDocument();
    await expect.element(button("Ändra kolumner")).toHaveFocus();
  });

  it("says what to do where its mapping, kept by an older version, writes nothing of a result", async () => {
    const nowhere = { code: "source_results_nowhere", table: "public.organizations" } as const;
    const untold = { ...report, told: 0, refusals: [], untold: [{ key: "1", name: "Åkermark & Co", problems: [nowhere] }] };
    await open("/settings/workspaces", {}, server({ source_get: () => ({ connected: { ...connected, report: untold } }) }));
    await expect.element(card().getByText("1 resultat återstår att skriva.")).toBeVisible();
    await expect.element(card().getByText("Åkermark & Co: Inget av ett resultat skulle skrivas till public.organizations")).toBeVisible();
    const told = card().getByRole("alert");
    await expect.element(told).toHaveTextContent("Välj en kolumn som får skrivas, och för en status dess ord.");
    await expect.element(button("Ändra kolumner")).toBeVisible();
  });

  const kept_back = { code: "source_rows_kept_back", table: "public.organizations", user: "fabrik" } as const;
  const policy = "CREATE POLICY fabrik ON public.organizations TO fabrik USING (true)";

  it("says with its rows that row security may keep some back, and what to do", async () => {
    await looked({ source_preview: () => ({ ...preview, kept_back }) });
    await userEvent.click(button("Visa tio rader"));
    await expect.element(card().getByRole("alert")).toHaveTextContent(policy);
    await expect.element(card().getByRole("row").nth(1)).toHaveTextContent("akermark");
    await expect.element(button("Anslut tabellen")).toBeEnabled();
  });

  it("says of a connected table that row security may keep some of its rows back", async () => {
    await open("/settings/workspaces", {}, server({ source_get: () => ({ connected: { ...connected, report: { ...report, kept_back } } }) }));
    await expect.element(card().getByRole("heading", { name: "Radsäkerhet kan dölja rader i public.organizations" })).toBeVisible();
    await expect.element(card().getByText(policy, { exact: false })).toBeVisible();
  });

  it("says nothing more of a result whose own row is missing than whose it is", async () => {
    const missing = { code: "source_row_missing", table: "public.organizations", column: "id", value: "1" } as const;
    const untold = { ...report, refusals: [], untold: [{ key: "1", name: "Åkermark & Co", problems: [missing] }] };
    await open("/settings/workspaces", {}, server({ source_get: () => ({ connected: { ...connected, report: untold } }) }));
    await expect.element(card().getByText(/^Åkermark & Co: public\.organizations har ingen rad/)).toBeVisible();
    await expect.element(card().getByRole("alert")).not.toBeInTheDocument();
  });

  it("gets the password that this machine's keyring lacks", async () => {
    const refused = { code: "source_login_refused", server: "db.studio.se:5432", user: "fabrik" } as const;
    let told: ConnectedSource = { ...connected, problem: refused };
    const late = later<undefined>();
    const { port } = await open("/settings/workspaces", {}, server({
      source_get: async () => {
        if (told.problem === undefined) await late.promise;
        return { connected: told };
      },
      source_password: ({ password }) => {
        if (password !== "hunter2") return refuse(refused);
        told = connected;
        return { connected: told };
      },
    }));
    const password = card().getByLabelText("Lösenord till tabellens server");
    await userEvent.fill(password, "hunter1");
    await userEvent.click(button("Spara"));
    await expect.element(password).toHaveAttribute("aria-invalid", "true");
    await userEvent.fill(password, "hunter2");
    await userEvent.click(button("Spara"));
    await expect.element(password).toHaveValue("");
    late.settle(undefined);
    await expect.element(password).not.toBeInTheDocument();
    expect(port.callsOf("source_password")).toEqual([{ password: "hunter1" }, { password: "hunter2" }]);
    await expect.poll(() => port.callsOf("source_refresh").length, { message: "its customers come at once" }).toBe(1);
  });

  it("is mended with another password, which goes along with its columns", async () => {
    const { port } = await open("/settings/workspaces", {}, server({ source_get: () => ({ connected }) }));
    await userEvent.click(button("Ändra kolumner"));
    await userEvent.fill(card().getByLabelText("Lösenord till tabellens server"), "hunter2");
    await userEvent.click(button("Visa tabeller"));
    await userEvent.click(button("Visa tio rader"));
    await userEvent.click(button("Anslut tabellen"));
    await expect.poll(() => port.callsOf("source_connect")).toEqual([{ url: null, password: "hunter2", mapping }]);
    expect(port.callsOf("source_look")[0]?.password).toBe("hunter2");
  });

  it("says why its customers could not be fetched once it was connected", async () => {
    await looked({ source_refresh: () => refuse({ code: "database_busy" }) });
    await userEvent.click(button("Visa tio rader"));
    await userEvent.click(button("Anslut tabellen"));
    await expect.element(page.getByText("Tabellen är ansluten")).toBeVisible();
    await expect.element(card().getByText("Databasen är upptagen")).toBeVisible();
  });

  it("tells what a later fetch came to in the place of one that failed", async () => {
    let told: ConnectedSource = connected;
    const { port } = await open("/settings/workspaces", {}, server({
      source_get: () => ({ connected: told }),
      source_refresh: () => refuse({ code: "database_busy" }),
    }));
    await userEvent.click(button("Hämta nu"));
    await expect.element(card().getByText("Databasen är upptagen")).toBeVisible();
    told = { ...connected, seen_at: "2026-11-21T12:51:00Z", report };
    port.hint("settings");
    await expect.element(card().getByText("Databasen är upptagen")).not.toBeInTheDocument();
    await expect.element(card().getByText(/^3 rader: 1 tillagd/)).toBeVisible();
  });

  it("is let be once the question is answered", async () => {
    let source: ConnectedSource | undefined = connected;
    const { port } = await open("/settings/workspaces", {}, server({
      source_get: () => (source === undefined ? {} : { connected: source }),
      source_disconnect: () => {
        source = undefined;
        return {};
      },
      source_refresh: () => refuse({ code: "database_busy" }),
    }));
    await userEvent.click(button("Hämta nu"));
    await expect.element(card().getByText("Databasen är upptagen")).toBeVisible();
    await userEvent.click(button("Koppla från"));
    const question = page.getByRole("dialog", { name: "Koppla från byråns tabell?" });
    await expect.element(question.getByText(/lösenordet tas bort ur den här datorns nyckelring/)).toBeVisible();
    await expect.element(question.getByText("1 resultat har inte skrivits till tabellen än, och skrivs först om samma tabell ansluts igen.")).toBeVisible();
    await userEvent.click(question.getByRole("button", { name: "Låt den vara" }));
    await expect.element(question).not.toBeInTheDocument();
    expect(port.callsOf("source_disconnect")).toEqual([]);
    await userEvent.click(button("Koppla från"));
    await userEvent.click(question.getByRole("button", { name: "Koppla från" }));
    await expect.element(button("Visa tabeller")).toBeVisible();
    expect(port.callsOf("source_disconnect").length).toBe(1);

    // Connected by another desktop, it has nothing of what came of the one before.
    source = connected;
    port.hint("settings");
    await expect.element(card().getByText(PLACE)).toBeVisible();
    await expect.element(card().getByText("Databasen är upptagen")).not.toBeInTheDocument();
  });
});
