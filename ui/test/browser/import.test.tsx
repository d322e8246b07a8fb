/** Files that are imported: looked at row by row, shown how far they have come, stopped, and added. */

import { describe, expect, it, vi } from "vitest";
import { page, userEvent } from "vitest/browser";

import type { CustomerImport, MembersImport } from "@/backend/bindings";

import { type Answers, refuse } from "../port";
import { agency, factory } from "../records/blueprints";
import { customerDetail, customers } from "../records/customers";
import { later, open } from "./open";

const dialog = () => page.getByRole("dialog");
const file = (name: string, text: string) => userEvent.upload(dialog().getByLabelText("Välj fil", { exact: false }).first(), new File([text], name, { type: "text/csv" }));

const LIST = "name,contact_email\nÅkermark,anna@akermark.example\n";

describe("customers", () => {
  const looked: CustomerImport = { rows: [{ line: 2, name: "Åkermark", problems: [] }], added: 99_000, refused: 0, dry_run: true };

  async function begin(more: Answers) {
    const opened = await open("/customers", {}, more);
    await userEvent.click(page.getByRole("button", { name: "Importera" }));
    await file("kunder.csv", LIST);
    return opened;
  }

  it("says that a file can't be read", async () => {
    await open("/customers");
    await userEvent.click(page.getByRole("button", { name: "Importera" }));
    const reading = vi.spyOn(Blob.prototype, "arrayBuffer").mockRejectedValue(new DOMException("moved", "NotFoundError"));
    try {
      await file("kunder.csv", "name\n");
      await expect.element(page.getByText("kunder.csv går inte att läsa").first()).toBeVisible();
    } finally {
      reading.mockRestore();
    }
  });

  it("shows how far a long file has come, and none of it before that is known", async () => {
    const answer = later<CustomerImport>();
    let done = 0;
    const { port } = await begin({ customers_import: () => answer.promise, import_progress: () => ({ done, total: done === 0 ? 0 : 198_000 }) });
    const bar = dialog().getByRole("progressbar", { name: "Så långt importen har kommit" });
    await expect.element(bar).toBeVisible();
    await expect.element(bar).not.toHaveAttribute("value");
    done = 49_500;
    await expect.element(bar).toHaveAttribute("value", "0.25");
    done = 148_500;
    await expect.element(bar).toHaveAttribute("value", "0.75");
    answer.settle(looked);
    await expect.element(bar).not.toBeInTheDocument();
    await expect.element(dialog().getByText("Och 98 999 rader till.")).toBeVisible();
    // Nobody asks on when nothing is under way.
    const asked = port.callsOf("import_progress").length;
    await expect.element(dialog().getByRole("button", { name: "Importera 99 000 kunder" })).toBeEnabled();
    expect(port.callsOf("import_progress").length - asked).toBeLessThanOrEqual(1);
  });

  it("is stopped in the middle: nothing is kept, it is said, and it can be begun again", async () => {
    const deed = later<CustomerImport>();
    const { port } = await begin({
      customers_import: ({ dry_run }) => (dry_run ? looked : deed.promise),
      import_progress: () => ({ done: 100_000, total: 198_000 }),
      import_stop: () => {
        deed.fail(refuseNow());
        return null;
      },
    });
    const submit = dialog().getByRole("button", { name: "Importera 99 000 kunder" });
    await userEvent.click(submit);
    await expect.element(submit).toBeDisabled();
    const stop = dialog().getByRole("button", { name: "Avbryt importen" });
    await userEvent.click(stop);
    await expect.element(dialog().getByText("Importen avbröts")).toBeVisible();
    await expect.element(stop).not.toBeInTheDocument();
    expect(port.callsOf("import_stop").length).toBe(1);
    await expect.element(submit).toBeEnabled();
  });
});

it("what is being imported stays in view until its answer is there", async () => {
  const deed = later<CustomerImport>();
  const looked: CustomerImport = { rows: [{ line: 2, name: "Åkermark", problems: [] }], added: 1, refused: 0, dry_run: true };
  await open("/customers", {}, { customers_import: ({ dry_run }) => (dry_run ? looked : deed.promise) });
  await userEvent.click(page.getByRole("button", { name: "Importera" }));
  await file("kunder.csv", LIST);
  await userEvent.click(dialog().getByRole("button", { name: "Importera 1 kund" }));
  await expect.element(dialog().getByRole("button", { name: "Avbryt", exact: true })).toBeDisabled();
  await expect.element(dialog().getByRole("button", { name: /Välj fil/ })).toBeDisabled();
  await userEvent.keyboard("{Escape}");
  await expect.element(dialog()).toBeVisible();
  deed.settle({ rows: [{ line: 2, name: "Åkermark", problems: [{ code: "subdomain_taken", subdomain: "akermark", customer: "Åkermark" }] }], added: 0, refused: 1, dry_run: false });
  await expect.element(dialog().getByText("akermark", { exact: false }).first()).toBeVisible();
  await userEvent.keyboard("{Escape}");
  await expect.element(dialog()).not.toBeInTheDocument();
});

describe("the blueprint of rows that name none", () => {
  it("is told where nobody chose it, and is chosen for the whole file", async () => {
    const row = (blueprint: string, plan: string) => ({ line: 2, name: "Åkermark", customer: { ...customers[0]!, blueprint, plan }, problems: [] });
    const { port } = await open("/customers", {}, {
      blueprints_list: () => [factory, agency],
      customers_import: ({ blueprint, plan, dry_run }) => ({
        rows: [blueprint === null ? row("factory", "starter") : row(blueprint, plan ?? "")],
        added: 1,
        refused: 0,
        dry_run,
        ...(blueprint === null ? { assumed: "factory" } : {}),
      }),
    });
    await userEvent.click(page.getByRole("button", { name: "Importera" }));
    await file("kunder.csv", LIST);
    await expect.element(dialog().getByText("De får factory om du inte väljer en annan.", { exact: false })).toBeVisible();
    await expect.element(dialog().getByRole("row").nth(1)).toHaveTextContent(/factory.*Start/);
    await userEvent.click(dialog().getByRole("combobox", { name: "Mall för rader" }));
    await userEvent.click(page.getByRole("option", { name: "agency" }));
    await expect.element(dialog().getByRole("row").nth(1)).toHaveTextContent("agency");
    await expect.element(dialog().getByText("De får factory", { exact: false })).not.toBeInTheDocument();
    await userEvent.click(dialog().getByRole("button", { name: "Importera 1 kund" }));
    await expect.poll(() => port.callsOf("customers_import").map(({ blueprint, dry_run }) => [blueprint, dry_run])).toEqual([
      [null, true],
      ["agency", true],
      ["agency", false],
    ]);
  });
});

it("what rows without a blueprint get is not said to be a choice once they are in", async () => {
  await open("/customers", {}, {
    customers_import: ({ dry_run }) => ({
      rows: [{ line: 3, name: "Bo", problems: [{ code: "field_missing", field: "contact_email" }] }],
      added: 1,
      refused: 1,
      dry_run,
      assumed: "factory",
    }),
  });
  await userEvent.click(page.getByRole("button", { name: "Importera" }));
  await file("kunder.csv", LIST);
  await expect.element(dialog().getByText("om du inte väljer en annan", { exact: false })).toBeVisible();
  await userEvent.click(dialog().getByRole("button", { name: "Importera 1 kund" }));
  // A message is a dialog, too.
  const list = page.getByRole("dialog", { name: "Importera kunder" });
  await expect.element(list.getByRole("status")).toBeVisible();
  await expect.element(list.getByText("om du inte väljer en annan", { exact: false })).not.toBeInTheDocument();
});

describe("what became of the rows", () => {
  it("is a word for each, of those that are refused as of the others", async () => {
    const looked: CustomerImport = {
      rows: [
        { line: 2, name: "Åkermark", problems: [] },
        { line: 3, name: "Bo", problems: [{ code: "field_missing", field: "contact_email" }] },
      ],
      added: 1,
      refused: 1,
      dry_run: true,
    };
    await open("/customers", {}, { customers_import: () => looked });
    await userEvent.click(page.getByRole("button", { name: "Importera" }));
    await file("kunder.csv", LIST);
    await expect.element(dialog().getByRole("row").nth(1).getByText("Läggs till", { exact: true })).toBeVisible();
    const refused = dialog().getByRole("row").nth(2);
    await expect.element(refused.getByText("Avvisas", { exact: true })).toBeVisible();
    await expect.element(refused.getByRole("listitem")).toBeVisible();
  });

  it("is kept whole by Rust where something was refused, and the message leads to the file", async () => {
    const refused: CustomerImport = {
      rows: [{ line: 2, name: "Åkermark", problems: [{ code: "field_missing", field: "contact_email" }] }],
      added: 0,
      refused: 9000,
      dry_run: true,
    };
    const { port } = await open("/customers", {}, { customers_import: () => refused });
    await userEvent.click(page.getByRole("button", { name: "Importera" }));
    await expect.element(dialog().getByRole("button", { name: "Spara alla rader som CSV" })).not.toBeInTheDocument();
    await file("kunder.csv", LIST);
    await userEvent.click(dialog().getByRole("button", { name: "Spara alla rader som CSV" }));
    await expect.poll(() => port.callsOf("import_save")).toEqual([{}]);
    await expect.element(page.getByText("fabrik-import-2026-11-21.csv sparades")).toBeVisible();
  });
});

/** As Rust refuses an import that was stopped. */
function refuseNow(): unknown {
  try {
    refuse({ code: "import_stopped" });
  } catch (error) {
    return error;
  }
}

describe("members", () => {
  const orchestra = customers.find(({ subdomain }) => subdomain === "vastana")!;
  const detail = { ...customerDetail(orchestra), takes_members: true };
  const report: MembersImport = {
    dry_run: true,
    ignored: ["Lösenord"],
    rows: [
      { line: 2, name: "Anna Åker", email: "anna@vastana.example", verdict: "added", differs: [], problems: [] },
      { line: 3, name: "Bo Björk", verdict: "unchanged", differs: [], problems: [] },
      { line: 4, name: "Cia Ström", email: "cia@vastana.example", verdict: "different", differs: ["phone", "instruments"], problems: [] },
      { line: 5, name: "Dan Ek", verdict: "refused", differs: [], problems: [{ code: "field_unreadable", field: "standing", value: "sjuk", expected: "regular, substitute" }] },
    ],
  };

  async function begin(more: Answers) {
    const opened = await open(`/customers/${orchestra.id}`, {}, { customer_get: () => detail, ...more });
    await userEvent.click(page.getByRole("button", { name: "Importera medlemmar…" }));
    await file("medlemmar.csv", "namn;lösenord\nAnna Åker;hunter2\n");
    return opened;
  }

  it("are looked at row by row, then those who are new are added", async () => {
    const { port } = await begin({ members_import: ({ dry_run }) => ({ ...report, dry_run }) });
    await expect.element(dialog().getByText("1 läggs till, 1 finns redan, 1 finns redan med andra uppgifter, 1 avvisas")).toBeVisible();
    await expect.element(dialog().getByText("Kolumner som inte används: Lösenord.")).toBeVisible();
    const rows = dialog().getByRole("row");
    await expect.element(rows.nth(1)).toHaveTextContent(/Anna Åker.*Läggs till/);
    await expect.element(rows.nth(2)).toHaveTextContent(/Bo Björk.*Finns redan/);
    await expect.element(rows.nth(3)).toHaveTextContent(/Finns redan, ändras inte.*Skiljer sig i telefon och instrument\./);
    await expect.element(rows.nth(4)).toHaveTextContent(/Avvisas.*Fältet ställning kan inte vara sjuk.*Det kan vara ordinarie, vikarie\./);
    await userEvent.click(dialog().getByRole("button", { name: "Lägg till 1 medlem" }));
    await expect.element(page.getByText("1 medlem lades till")).toBeVisible();
    // What was not added stays to be read.
    await expect.element(dialog().getByRole("status")).toHaveTextContent("1 tillagd, 1 finns redan, 1 finns redan med andra uppgifter, 1 avvisad");
    await expect.element(dialog().getByRole("button", { name: /Lägg till/ })).not.toBeInTheDocument();
    const content = "namn;lösenord\nAnna Åker;hunter2\n";
    expect(port.callsOf("members_import")).toEqual([
      { customer: orchestra.id, file_name: "medlemmar.csv", content, dry_run: true },
      { customer: orchestra.id, file_name: "medlemmar.csv", content, dry_run: false },
    ]);
  });

  it("who all are there already are nothing to add", async () => {
    await begin({ members_import: () => ({ ...report, ignored: [], rows: report.rows.slice(1, 2) }) });
    await expect.element(dialog().getByText("0 läggs till, 1 finns redan")).toBeVisible();
    await expect.element(dialog().getByRole("button", { name: "Lägg till 0 medlemmar" })).toBeDisabled();
  });

  it("that can't be asked for say why in the vendor's words", async () => {
    await begin({ members_import: () => refuse({ code: "credential_scope_missing", scopes: ["database_write"], provider: "supabase" }) });
    await expect.element(dialog().getByText(/Nyckeln för Supabase saknar behörigheten database_write/)).toBeVisible();
  });

  it("are for customers with an instance that has them alone", async () => {
    await open("/customers/c4");
    await expect.element(page.getByRole("heading", { level: 1, name: "Mälarstrand Konferens" })).toBeVisible();
    await expect.element(page.getByRole("button", { name: "Importera medlemmar…" })).not.toBeInTheDocument();
  });
});
