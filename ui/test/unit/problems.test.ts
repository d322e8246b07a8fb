/** Every problem has words and, where there is a place for it, a next step, in both languages. */

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

import type { Language, Problem } from "@/backend/bindings";
import { createI18n } from "@/i18n/I18nProvider";
import { present } from "@/errors/presentation";
import { enProblems } from "@/errors/texts.en";
import { svProblems } from "@/errors/texts.sv";

const bindings = readFileSync(new URL("../../src/backend/bindings.ts", import.meta.url), "utf8");
const codes = [...new Set([...bindings.matchAll(/"code": "(\w+)"/g)].map(([, code = ""]) => code))];
const languages: readonly Language[] = ["sv", "en"];

/** A problem with every parameter that any code has. */
const full = {
  slug: "s", customer: "Kund AB", subdomain: "kund", before: "kunden", external_id: "x1", email: "a@b.se", field: "f", link: "l", project: "p",
  plan: "p", known: ["a", "b"], module: "m", workflow: "w", blueprint: "b", why: "w", expected: "e", file: "f.sql", scopes: ["repo"], setting: "s.k",
  url: "https://x.se", provider: "github", workspace: "w", region: "af-south-1", offered: ["eu-north-1"], organization: "o",
  visible: ["v"], limit: 2, template: "o/t", owner: "o", team: "t", name: "n", repository: "o/r", sender: "s@x.se", status: 500,
  tables: ["t"], names: ["n"], state: "ERROR", host: "x.se", operation: "op", reads: false, until: "2026-11-21T13:00:00Z", quota: "q", run: "r", recovery: "pitr_7", size: "micro",
  candidates: ["1"], ceiling: 60, step: "s", found: 9, reference: "ref", path: "/p", id: "i", minutes: 90, number: 214, column: "name", word: "paused",
  value: "v", after: 12, through: 40, price: "price_1", subscription: "sub_1", by: "bo@kontoret", at: "2026-11-21T13:00:00Z", resource: "client-akermark", left: ["client-akermark"], what: "https://x.se", program: "fabrik", line: 3, cells: 5, columns: 4, domain: "x.se", server: "db.example.com", user: "fabrik", place: "db.example.com/central", table: "runs", other: "FABRIK_GITHUB_TOKEN", records: [{ kind: "CNAME", name: "x.se", value: "y.se" }], findings: [{ breach: "readable", subject: "contacts" }],
};
/** Parameters of the same name that are of another kind. */
const own: Partial<Record<string, object>> = {
  name_invalid: { fault: "empty" },
  subdomain_invalid: { fault: "reserved" },
  request_decided: { state: "approved" },
  update_failed: { fault: "untrusted" },
  outside_touched: { what: ["role intruder"] },
  ambiguous: { candidates: [{ id: "abc", name: "client-akermark" }] },
};
const problem = (code: string) => ({ ...full, code, ...own[code] }) as unknown as Problem;

describe.each(languages)("%s", (language) => {
  it.each(codes)("%s has a title and a text", (code) => {
    const { title, text } = present(problem(code), language);
    expect(title.length).toBeGreaterThan(5);
    expect(text.length).toBeGreaterThan(5);
    expect(`${title} ${text}`).not.toMatch(/undefined|\[object|NaN/);
    if (code !== "internal") expect(title).not.toBe(present({ code: "internal" }, language).title);
  });
});

it("the catalogues have no text without a code", () => {
  expect(Object.keys(svProblems).sort()).toEqual(Object.keys(enProblems).sort());
});

// What Rust calls the fields is for whoever writes programs.
it.each(languages)("fields are called by their names, in %s", (language) => {
  const told = (code: string, field: string) => {
    const { title, text } = present({ ...full, code, field, expected: "", provider: undefined } as unknown as Problem, language);
    return `${title} ${text}`;
  };
  const { fields, source } = createI18n(language).t;
  for (const [field, name] of Object.entries(fields)) {
    for (const code of ["field_missing", "field_unreadable", "source_followed"]) expect(told(code, field)).toContain(name);
  }
  for (const [field, name] of Object.entries({ ...source.results, ...source.fields })) {
    for (const code of ["source_column_missing", "source_column_unfit", "source_field_unmapped"]) expect(told(code, field)).toContain(name);
  }
  expect(Object.values(fields).filter((name) => name.includes("_"))).toEqual([]);
});

// Somebody writes them in a file, and the import reads them in both languages.
it.each([["sv", "Det kan vara musiker, planerare, administratör."], ["en", "It can be musician, planner, administrator."]] as const)("a member's roles are called by words, in %s", (language, told) => {
  expect(present({ code: "field_unreadable", field: "role", value: "chef", expected: "musician, planner, admin" }, language).text).toBe(told);
});

it("the languages differ", () => {
  for (const code of codes) {
    expect(present(problem(code), "sv").title, code).not.toBe(present(problem(code), "en").title);
  }
});

// Names are made from what a customer was called when it was added: another subdomain alone changes none of them.
it.each([["en", "again under another name and subdomain"], ["sv", "på nytt med ett annat namn och en annan subdomän"]] as const)("a name that is taken is got round by a customer of another name, in %s", (language, way) => {
  expect(present({ code: "name_taken", name: "client-lyran", provider: "github" }, language).text).toContain(way);
});

// That choice is offered on the way back alone, where the list of what is left says what to do.
it.each([["en", "Leave in place"], ["sv", "Låt vara kvar"]] as const)("what may be the customer's names no choice that a run forward doesn't have, in %s", (language, then) => {
  const one = { id: "abc", name: "client-akermark" };
  for (const candidates of [[one], [one, { ...one, id: "def" }]]) {
    expect(present({ ...full, code: "ambiguous", candidates } as unknown as Problem, language).text).not.toContain(then);
  }
  const { run } = createI18n(language).t;
  expect(run.letGoAmbiguous("Supabase")).toContain(run.letGo);
});

// The run waits, and a new one is refused while it does.
it.each([["en", "cancel it, keep what exists"], ["sv", "avbryt och behåll"]] as const)("a step of another version leads past the run, in %s", (language, way) => {
  expect(present({ code: "step_changed", step: "site" }, language).text).toContain(way);
});

it.each([["en", "Try again; a run asks again", "isn't known"], ["sv", "Försök igen; en körning frågar igen", "okänt"]] as const)("a lost question is not told as a deed that nobody knows of, in %s", (language, again, unknown) => {
  for (const code of ["timed_out", "answer_lost"] as const) {
    const text = (reads: boolean) => present({ ...full, code, reads } as unknown as Problem, language).text;
    expect(text(true)).toContain(again);
    expect(text(true)).not.toContain(unknown);
    expect(text(false)).toContain(unknown);
  }
});

it.each([["en", "newest run", "removed or taken over"], ["sv", "nyaste körning", "tagit bort"]] as const)("of an older run it is not said what became of what it made, in %s", (language, newest, gone) => {
  const { text } = present({ ...full, code: "run_superseded" } as unknown as Problem, language);
  expect(text).toContain(newest);
  expect(text).not.toContain(gone);
});

it("a vendor's words, request and status are kept, and the missing scope is named", () => {
  const shown = present(
    { code: "credential_scope_missing", scopes: ["workflow"], provider: "github", request_id: "C1A4", detail: "403 no" },
    "sv",
  );
  expect(shown.title).toContain("workflow");
  expect(present({ code: "credential_scope_missing", scopes: [], provider: "github" }, "sv").title).toBe("Nyckeln för GitHub får inte göra det här");
  expect(shown).toMatchObject({ requestId: "C1A4", words: "403 no", action: { kind: "open_token_page", provider: "github" } });
});

it.each(languages)("a moment is told by the reader's clock, in %s", (language) => {
  const until = new Date(Date.now() + 90_000);
  const { text, until: told } = present({ code: "throttled", until: until.toISOString(), provider: "vercel" }, language);
  const clock = [until.getHours(), until.getMinutes(), until.getSeconds()].map((part) => String(part).padStart(2, "0")).join(":");
  expect(text).toContain(clock);
  expect(text).not.toMatch(/\dT\d|Z\b/);
  expect(told).toBe(until.toISOString());
});

it.each(languages)("who needs a live workspace is led to where one is chosen, in %s", (language) => {
  const { text, action } = present({ code: "sandbox_token_refused", host: "api.vercel.com" }, language);
  expect(text).toContain(language === "sv" ? "under Arbetsytor" : "under Workspaces");
  expect(action).toEqual({ kind: "open_settings", page: "workspaces" });
});

it.each([
  { code: "vercel_app_missing", owner: "norrform" },
  { code: "vercel_app_limited", repository: "norrform/client-akermark" },
] as const)("$code leads to the page where the app is installed", (problem) => {
  expect(present({ ...problem, provider: "vercel" }, "sv").action).toEqual({ kind: "open_vercel_app" });
});

it.each(languages)("an account on Hobby is named, or told as the token's own, in %s", (language) => {
  const shown = (team?: string) => present({ code: "vercel_hobby", owner: "norrform", provider: "vercel", ...(team === undefined ? {} : { team }) }, language);
  expect(shown("byran").title).toContain("byran");
  expect(shown().title).toContain(language === "sv" ? "personliga" : "personal");
  for (const { text, action } of [shown("byran"), shown()]) {
    expect(text).toContain("norrform");
    expect(text).toContain("Pro");
    expect(action).toEqual({ kind: "open_settings", page: "providers" });
  }
});

it.each(languages)("what is wrong with a blueprint stands beside the sentence, in %s", (language) => {
  const why = "blueprint.toml, line 41: there is no step supabas";
  const { title, text, words } = present({ code: "blueprint_invalid", blueprint: "atelier", why }, language);
  expect(`${title} ${text}`).not.toContain(why);
  expect(words).toBe(why);
});

it.each(languages)("why a file can't be read stands beside the sentence, in %s", (language) => {
  const why = "stream did not contain valid UTF-8";
  const { title, text, words } = present({ code: "file_unreadable", file: "kunder.csv", why }, language);
  expect(`${title} ${text}`).not.toContain(why);
  expect(text).toContain("kunder.csv");
  expect(words).toBe(why);
});

it("a setting that is missing leads to the page that has it", () => {
  const pageOf = (setting: string) => present({ code: "setting_missing", setting }, "sv").action;
  expect(pageOf("github.owner")).toEqual({ kind: "open_settings", page: "providers" });
  expect(pageOf("email.from")).toEqual({ kind: "open_settings", page: "mail" });
  expect(pageOf("domain.base")).toEqual({ kind: "open_settings", page: "mail" });
});

it("a code that is not known is still shown", () => {
  expect(present({ code: "from_the_future" } as unknown as Problem, "en").title).toBe("An error in Fabrik");
});
