import { describe, expect, it } from "vitest";

import { creditsOf, emptyDraft, faultsOf, fieldOf, newCustomerOf, wordsByField } from "@/features/customers/customerForm";
import { heldPatchOf, patchOf } from "@/features/customers/EditCustomerDialog";
import { isFiltered, listOf, readListSearch, sortedBy } from "@/features/customers/listSearch";
import { problemsOf } from "@/features/customers/useProvision";

import { factory } from "../records/blueprints";
import { customers } from "../records/customers";

const draft = { ...emptyDraft(factory, "sv"), name: "Åkermark", subdomain: "akermark", contact_email: "a@b.se" };

describe("a new customer", () => {
  it("begins with the blueprint's defaults", () => {
    expect(emptyDraft(factory, "en")).toMatchObject({ blueprint: "factory", plan: "starter", modules: factory.modules, language: "en" });
  });

  it("is wrong in every field at once", () => {
    expect(faultsOf(emptyDraft(factory, "sv")).map(fieldOf)).toEqual(["name", "subdomain", "contact_email"]);
    expect(faultsOf(draft)).toEqual([]);
  });

  it.each(["", "a", "a@b", "a b@c.se", "@b.se"])("refuses the address %j", (contact_email) => {
    expect(faultsOf({ ...draft, contact_email }).map(fieldOf)).toEqual(["contact_email"]);
  });

  it("is sent trimmed, and without what is empty", () => {
    expect(newCustomerOf({ ...draft, name: " Åkermark ", contact_name: " " })).toMatchObject({ name: "Åkermark", contact_name: undefined, status: "pending" });
  });

  it("says at the contact's name what is wrong with that", () => {
    expect(fieldOf({ code: "name_invalid", fault: "deceptive", field: "contact_name" })).toBe("contact_name");
    expect(fieldOf({ code: "name_invalid", fault: "deceptive" })).toBe("name");
  });

  it("says each fault once, at its field", () => {
    const taken = { code: "subdomain_taken", subdomain: "x", customer: "Kund AB" } as const;
    expect(wordsByField([taken, taken, { code: "disk_full" }], "sv")).toEqual({
      subdomain: ["Subdomänen är upptagen. Kund AB har redan x. Välj en annan."],
    });
    const why = "blueprint.toml, line 41: there is no step supabas";
    const invalid = { code: "blueprint_invalid", blueprint: "atelier", why } as const;
    expect(wordsByField([invalid, invalid], "sv")).toEqual({ blueprint: [{ text: expect.any(String) as string, words: why }] });
  });
});

it("an edit sends only what was changed", () => {
  expect(patchOf(draft, draft)).toEqual({});
  expect(patchOf({ ...draft, contact_name: "Eva" }, { ...draft, name: "Ny", contact_name: "", modules: ["crm"] })).toEqual({
    name: "Ny",
    contact_name: null,
    modules: ["crm"],
  });
});

describe("credits and the id of another system", () => {
  it("are whole numbers as people write them", () => {
    expect(["860", "1 200", "1\u00a0200", "-5", "\u22125", " 7 "].map(creditsOf)).toEqual([860, 1200, 1200, -5, -5, 7]);
    expect(["", "-", "12,5", "1e3", "tio", "9".repeat(16)].map(creditsOf)).toEqual(Array.from({ length: 6 }, () => undefined));
  });

  it("are sent where they were changed, and an id that was emptied is taken away", () => {
    const held = { credits: "860", external_id: "AC-1" };
    expect(heldPatchOf(held, { credits: " 860", external_id: "AC-1 " })).toEqual({});
    expect(heldPatchOf(held, { credits: "1 000", external_id: "AC-2" })).toEqual({ credits: 1000, external_id: "AC-2" });
    expect(heldPatchOf(held, { credits: "tio", external_id: " " })).toEqual({ external_id: null });
  });

  it("have what is refused at their field", () => {
    expect(fieldOf({ code: "external_id_taken", external_id: "AC-1", customer: "Kund AB" })).toBe("external_id");
    expect(fieldOf({ code: "external_id_alike", external_id: "AC/1", slug: "ac-1", customer: "Kund AB" })).toBe("external_id");
    expect(fieldOf({ code: "field_unreadable", field: "external_id", value: "…", expected: "AC-1" })).toBe("external_id");
    expect(fieldOf({ code: "field_unreadable", field: "language", value: "svneska", expected: "sv, en" })).toBe("language");
    expect(fieldOf({ code: "field_unreadable", field: "joined_on", value: "x", expected: "2026-11-21" })).toBeUndefined();
  });
});

it("a plan's problems are all told, each once", () => {
  const missing = { code: "credential_missing", provider: "github" } as const;
  const [customer] = customers;
  if (customer === undefined) throw new Error("no customer");
  const step = { id: "a", kind: "github-repo", action: "blocked", because: missing, expected_seconds: 1 } as const;
  const plan = { customer, can_run: false, expected_seconds: 1, missing: [missing, { code: "setting_missing", setting: "x" } as const], steps: [step] };
  expect(problemsOf(plan).map(({ code }) => code)).toEqual(["credential_missing", "setting_missing"]);
});

describe("the list's address", () => {
  it("leaves out what can't be", () => {
    expect(readListSearch({ q: "", state: "broken", sort: "name", desc: "yes", new: true })).toEqual({
      q: undefined, state: undefined, blueprint: undefined, plan: undefined, sort: "name", desc: undefined, new: true,
    });
  });

  it("turns a column round at the second press", () => {
    const once = sortedBy({}, "name");
    expect(once).toMatchObject({ sort: "name", desc: undefined });
    expect(sortedBy(once, "name")).toMatchObject({ sort: "name", desc: true });
    expect(sortedBy(sortedBy(once, "name"), "credits")).toMatchObject({ sort: "credits", desc: undefined });
    expect(listOf({})).toMatchObject({ sort: "updated", descending: false });
    expect(isFiltered({ sort: "name" })).toBe(false);
  });

  it("asks for the tab's customers alone", () => {
    expect(listOf({ state: "needs_you" }).state).toBe("needs_you");
    expect(listOf({}).state).toBeUndefined();
  });
});
