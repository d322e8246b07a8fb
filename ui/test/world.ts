/** A whole small agency in memory: what the tests and the screenshots show. */

import type { Credential, InstanceState, Language, Overview, Problem, Provider, RunDetail, SettingView, Theme } from "@/backend/bindings";

import { type Answers, MemoryPort, refuse } from "./port";
import { factory } from "./records/blueprints";
import { credential, credentialsPage } from "./records/credentials";
import { customerDetail, customers } from "./records/customers";
import { failed, running, runOf, succeeded } from "./records/runs";
import { afterRemoval, deciding, leftovers, removalPlan, removed, removing, rolledBack, throttled, undoing } from "./records/undo";

/** The runs that have a page, by their ids. */
const RUNS: Partial<Record<string, RunDetail>> = {
  "run-failed": failed,
  "run-done": succeeded,
  "run-token": {
    ...running,
    run: { ...running.run, state: "waiting", reason: "needs_credential", error: { code: "credential_rejected", provider: "vercel" } },
    owned_here: false,
  },
  "run-undoing": undoing,
  "run-leftovers": leftovers,
  "run-rolled-back": rolledBack,
  "run-deciding": deciding,
  "run-throttled": throttled(new Date(Date.parse(running.now) + 79_000).toISOString()),
  "run-removing": removing,
  "run-removed": removed,
};

const STATES: readonly InstanceState[] = ["needs_you", "setting_up", "active", "new", "paused"];

export interface WorldOptions {
  language?: Language;
  theme?: Theme;
  rows?: typeof customers;
  /** Not the sandbox. */
  live?: boolean;
}

const settings: SettingView[] = [
  { key: "supabase.url", value: "https://api.supabase.com", source: "default", variable: "FABRIK_SUPABASE_URL" },
  { key: "supabase.organization", value: "norrform", source: "stored", variable: "FABRIK_SUPABASE_ORGANIZATION" },
  { key: "supabase.region", source: "unset", variable: "FABRIK_SUPABASE_REGION" },
  { key: "github.owner", value: "norrform", source: "environment", variable: "FABRIK_GITHUB_OWNER" },
  { key: "email.from", source: "unset", variable: "FABRIK_EMAIL_FROM" },
];

/** What Rust says while a customer is typed in. */
function checkOf(name: string, subdomain: string, rows: typeof customers): Problem[] {
  const problems: Problem[] = [];
  const owner = rows.find((row) => row.subdomain === subdomain);
  if (owner !== undefined) problems.push({ code: "subdomain_taken", subdomain, customer: owner.name });
  if (/[^a-z0-9-]/.test(subdomain)) problems.push({ code: "subdomain_invalid", subdomain, fault: "characters" });
  if (name.length > 120) problems.push({ code: "name_invalid", fault: "too_long" });
  return problems;
}

const slugOf = (name: string) =>
  name.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "").replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");

export function world({ language = "sv", theme = "light", rows = customers, live = false }: WorldOptions = {}, more: Answers = {}): MemoryPort {
  const overview: Overview = {
    version: "0.1.0",
    workspace: "norrform",
    sandbox: !live,
    language,
    theme,
    customers: rows.length,
    active_runs: [{ run: "run-c0", customer: "c0", customer_name: "Åkermark Juristbyrå", state: "running" }],
    interrupted_runs: [],
  };
  const tokens = { ...structuredClone(credentialsPage), sandbox: !live };
  const change = (provider: Provider, credential: Credential) => {
    tokens.credentials = tokens.credentials.map((one) => (one.provider === provider ? credential : one));
    return credential;
  };
  return new MemoryPort({
    overview: () => overview,
    customers_list: ({ query }) => {
      const words = (query.search ?? "").toLowerCase().split(/\s+/).filter(Boolean);
      const found = rows.filter(
        (row) =>
          (query.state === undefined || row.state === query.state) &&
          words.every((word) => `${row.name} ${row.subdomain}`.toLowerCase().includes(word)),
      );
      if (query.sort === "name") found.sort((one, other) => one.name.localeCompare(other.name, "sv"));
      if (query.descending) found.reverse();
      return {
        customers: query.limit === 0 ? found.slice(query.offset) : found.slice(query.offset, query.offset + query.limit),
        total: found.length,
        counts: STATES.map((state) => ({ state, count: rows.filter((row) => row.state === state).length })),
      };
    },
    customer_get: ({ customer }) => {
      const row = rows.find(({ id }) => id === customer);
      return row === undefined ? refuse({ code: "customer_unknown", customer }) : customerDetail(row);
    },
    customer_neighbours: ({ customer }) => {
      const place = rows.findIndex(({ id }) => id === customer);
      return place < 0
        ? { total: rows.length }
        : { place: place + 1, total: rows.length, previous: rows[place - 1]?.id, next: rows[place + 1]?.id };
    },
    customer_check: ({ name, subdomain, except }) => checkOf(name, subdomain, rows.filter(({ id }) => id !== except)),
    subdomain_suggest: ({ name }) => slugOf(name),
    blueprints_list: () => [factory],
    plan: ({ customer }) => {
      const row = rows.find(({ id }) => id === customer);
      return row === undefined
        ? refuse({ code: "customer_unknown", customer })
        : { customer: row, can_run: true, steps: [], missing: [], expected_seconds: 100 };
    },
    allowance: () => ({ provider: "github", per_hour: 250, done_at: "2026-11-21T15:40:00Z" }),
    provision: ({ customer }) => runOf({ customer, state: "running" }),
    provision_many: ({ customers: chosen }) => ({
      begun: chosen.map((customer) => runOf({ customer, state: "queued" })),
      refused: [],
    }),
    removal_plan: ({ customer }) => (customer === "c0" ? afterRemoval : removalPlan),
    deprovision: () => ({ ...removing.run, id: "run-removing" }),
    domains_check: () => [],
    run_rollback: () => undoing.run,
    run_decide: () => running.run,
    candidate_open: () => null,
    runs_list: () => [
      { ...running.run, customer_name: "Åkermark Juristbyrå", steps_done: 3, steps_total: 12 },
      { ...failed.run, id: "run-failed", number: 213, customer_name: "Sjövik Camping & Stugor", steps_done: 6, steps_total: 12 },
      { ...leftovers.run, id: "run-leftovers", number: 212, customer_name: "Fjällfrakt Logistik", steps_done: 0, steps_total: 12 },
      { ...removed.run, id: "run-removed", number: 211, customer_name: "Skärgårdskrogen Måsen", steps_done: 6, steps_total: 6 },
      { ...succeeded.run, id: "run-done", number: 209, customer_name: "Björkåsa Förskolor", steps_done: 12, steps_total: 12 },
    ],
    run_get: ({ run }) => RUNS[run] ?? running,
    run_resume: () => running.run,
    run_cancel: () => null,
    credentials_list: () => tokens,
    credential_test: ({ provider }) => tokens.credentials.find((one) => one.provider === provider) ?? refuse({ code: "internal" }),
    credential_set: ({ provider, token }) => change(provider, credential(provider, { last_four: token.slice(-4) })),
    credential_remove: ({ provider }) => change(provider, credential(provider, { state: "missing", source: "none" })),
    settings_list: () => settings,
    doctor: () => ({ healthy: true, findings: [{ subject: "database", name: "~/.local/share/fabrik/fabrik.db", optional: false }] }),
    language_set: ({ language: chosen }) => Object.assign(overview, { language: chosen ?? "en" }),
    theme_set: ({ theme: chosen }) => Object.assign(overview, { theme: chosen }),
    link_open: () => null,
    resource_open: () => null,
    token_page_open: () => null,
    ...more,
  });
}
