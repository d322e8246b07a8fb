/** A whole small agency in memory: what the tests show. */

import type { BlueprintCheck, Credential, Customer, DatabaseView, Density, InstanceState, Language, Overview, Problem, Provider, RequestState, RunDetail, RunPage, RunQuery, RunRow, SettingView, Theme, Workspaces } from "@/backend/bindings";

import { type Answers, MemoryPort, refuse } from "./port";
import { agency, factory } from "./records/blueprints";
import { credential, credentialsPage } from "./records/credentials";
import { customerDetail, customers } from "./records/customers";
import { welcome } from "./records/mails";
import { blockedPlanOf, planOf } from "./records/plans";
import { requests } from "./records/requests";
import { failed, resumed, running, runOf, succeeded } from "./records/runs";
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
  "run-resumed": resumed,
  "run-undoing": undoing,
  "run-leftovers": leftovers,
  "run-rolled-back": rolledBack,
  "run-deciding": deciding,
  "run-throttled": throttled(new Date(Date.parse(running.now) + 79_000).toISOString()),
  "run-removing": removing,
  "run-removed": removed,
};

/** The list of runs, the newest first. */
const rowsOfRuns: RunRow[] = [
  { ...running.run, customer_name: "Åkermark Juristbyrå", steps_done: 3, steps_total: 12, driver: { here: true, machine: "ateljen", process: 4711 } },
  { ...failed.run, id: "run-failed", number: 213, customer_name: "Sjövik Camping & Stugor", steps_done: 6, steps_total: 12 },
  { ...leftovers.run, id: "run-leftovers", number: 212, customer_name: "Fjällfrakt Logistik", steps_done: 0, steps_total: 12 },
  { ...removed.run, id: "run-removed", number: 211, customer_name: "Skärgårdskrogen Måsen", steps_done: 6, steps_total: 6 },
  { ...succeeded.run, id: "run-done", number: 209, customer_name: "Björkåsa Förskolor", steps_done: 12, steps_total: 12 },
];

/** As Rust answers: the counts are of what the words find, the rows of the states too. */
export function pageOf(all: readonly RunRow[], { customer, search = "", states, limit, offset }: RunQuery): RunPage {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const whose = all.filter((run) => customer === undefined || run.customer === customer);
  const found = whose.filter((run) => words.every((word) => `${run.customer_name} ${run.operator}`.toLowerCase().includes(word) || `${run.number}` === word));
  const matching = found.filter(({ state }) => states.length === 0 || states.includes(state));
  return {
    runs: matching.slice(offset, limit === 0 ? undefined : offset + limit),
    total: matching.length,
    counts: [...new Set(found.map(({ state }) => state))].map((state) => ({ state, count: found.filter((run) => run.state === state).length })),
  };
}

const REQUEST_STATES: readonly RequestState[] = ["open", "archived", "approved", "rejected", "withdrawn", "settled"];
const STATES: readonly InstanceState[] = ["needs_you", "setting_up", "active", "stopped", "new", "paused"];

export interface WorldOptions {
  language?: Language;
  theme?: Theme;
  density?: Density;
  rows?: typeof customers;
  /** Not the sandbox. */
  live?: boolean;
  /** The keyring is locked. */
  fault?: "keyring";
  /** In the desktop window, with its menus; else in a browser. */
  desktop?: boolean;
}

const settings: SettingView[] = [
  { key: "supabase.url", value: "https://api.supabase.com", source: "default", variable: "FABRIK_SUPABASE_URL", secret: false, overruled: false },
  { key: "supabase.organization", value: "norrform", source: "stored", variable: "FABRIK_SUPABASE_ORGANIZATION", secret: false, overruled: false },
  { key: "supabase.region", source: "unset", variable: "FABRIK_SUPABASE_REGION", secret: false, overruled: false },
  { key: "github.owner", value: "norrform", source: "environment", variable: "FABRIK_GITHUB_OWNER", secret: false, overruled: false },
  { key: "email.from", source: "unset", variable: "FABRIK_EMAIL_FROM", secret: false, overruled: false },
  { key: "smtp.password", source: "unset", variable: "FABRIK_SECRET_SMTP_PASSWORD", secret: true, overruled: false },
  { key: "domain.base", value: "norrform.example", source: "stored", variable: "FABRIK_DOMAIN_BASE", secret: false, overruled: false },
];

/** As the command line tells of a blueprint with two faults. */
const faulty: BlueprintCheck = {
  checked_at: "2026-11-21T12:54:00Z",
  faults: [
    { file: "schema/0002_rls.sql", line: 14, message: "tabellen invoices saknar radbehörighet (RLS)", hint: "Lägg till: alter table public.invoices enable row level security." },
    { file: "blueprint.toml", line: 41, step: "site", place: "with.variables[2].value", message: "steget supabas finns inte", hint: "Skriv id:t för ett steg i den här mallen." },
  ],
};

const diagnosticText = `Fabrik 0.1.0
made       2026-11-21T12:56:41Z
system     linux x86_64
workspace  sandbox
language   sv

## Diagnosis

data_directory   ~/.local/share/fabrik: ok
database         ~/.local/share/fabrik/sandbox/central.db: ok
credential       github: credential_scope_missing, github

## The newest runs

run 213 provision factory failed, 6 of 12 steps, begun 2026-11-21T12:40:02Z
    client-config: credential_scope_missing, github, C1A4:3E02:9F1B7, 403 Resource not accessible

## The end of the log

2026-11-21T12:40:02Z  INFO fabrik_app::runs: begun
2026-11-21T12:40:31Z  WARN fabrik_clouds: refused, token [redacted]
`;

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

export function world({ language = "sv", theme = "light", density = "compact", rows = customers, live = false, fault }: WorldOptions = {}, more: Answers = {}): MemoryPort {
  const overview: Overview = {
    version: "0.1.0",
    workspace: "norrform",
    sandbox: !live,
    language,
    theme,
    density,
    customers: rows.length,
    active_runs: [{ run: "run-c0", customer: "c0", customer_name: "Åkermark Juristbyrå", state: "running" }],
    interrupted_runs: [],
    leftover_runs: 0,
    open_requests: requests.filter(({ state }) => state === "open").length,
  };
  let database: DatabaseView = {
    place: "/home/anna/.local/share/fabrik/sandbox/central.db",
    server: false,
    encrypted: false,
    restart: false,
    moved: [],
    others: [],
  };
  const workspaces: Workspaces = {
    workspaces: [
      { name: "sandbox", sandbox: true, open: !live, next: !live },
      { name: "norrform", sandbox: false, open: live, next: live },
    ],
    data_directory: "/home/anna/.local/share/fabrik",
    database: `/home/anna/.local/share/fabrik/${live ? "norrform" : "sandbox"}/central.db`,
  };
  const namesOf = (field: "plan" | "blueprint") =>
    [...new Set(rows.map((row) => row[field]))].map((name) => ({ name, count: rows.filter((row) => row[field] === name).length }));
  const tokens = { ...structuredClone(credentialsPage), sandbox: !live };
  if (fault === "keyring") {
    const problem: Problem = { code: "keyring_locked" };
    tokens.keyring = { backend: "Secret Service, GNOME Keyring", usable: false, tokens: 0, hint: "unlock", system: "linux", problem };
    tokens.credentials = tokens.credentials.map((one) => credential(one.provider, { state: "unreachable", source: "none", needed: one.needed, problem }));
  }
  const change = (provider: Provider, credential: Credential) => {
    tokens.credentials = tokens.credentials.map((one) => (one.provider === provider ? credential : one));
    return credential;
  };
  let added: Customer | undefined;
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
    customer_counts: () => ({
      states: STATES.map((state) => ({ state, count: rows.filter((row) => row.state === state).length })),
      plans: namesOf("plan"),
      blueprints: namesOf("blueprint"),
    }),
    customers_save: ({ format }) => ({ name: `fabrik-customers-2026-11-21.${format}`, path: `/home/anna/Hämtningar/fabrik-customers-2026-11-21.${format}` }),
    blueprints_list: () => [factory],
    customer_add: ({ new: given }) => {
      added = { ...given, id: "c2", slug: given.subdomain, created_at: "2026-11-21T12:56:00Z", updated_at: "2026-11-21T12:56:00Z" };
      return added;
    },
    blueprints_shelf: () => [
      { name: "agency", summary: { ...agency, name: "agency" }, customers: 3 },
      { name: "atelier", problem: { code: "blueprint_invalid", blueprint: "atelier", why: "blueprint.toml, line 41: there is no step supabas" }, customers: 0 },
      { name: "factory", summary: factory, customers: rows.length },
    ],
    blueprint_open: ({ name }) => ({
      name,
      own: name === "atelier",
      hash: "9f",
      customers: 3,
      files: [
        { path: "blueprint.toml", text: '# What is made.\nversion = 3\nmodules = ["crm"]\n\n[title]\nsv = "Ateljé"\n' },
        { path: "email/welcome.sv.html", text: '<p class="lead">Hej {{ name }}</p>\n' },
        { path: "schema.sql", text: "-- Who books.\ncreate table public.guests (id uuid primary key, seats int default 1);\n" },
        { path: "workflows/leads.json", text: '{ "name": "Leads", "nodes": [], "active": true }\n' },
      ],
    }),
    blueprint_draft_check: ({ name }) => (name === "atelier" ? faulty : { faults: [], checked_at: "2026-11-21T12:54:00Z" }),
    blueprint_check: ({ name }) => (name === "atelier" ? faulty : { faults: [], checked_at: "2026-11-21T12:54:00Z" }),
    plan: ({ customer }) => {
      const row = rows.find(({ id }) => id === customer);
      if (row === undefined) return added?.id === customer ? planOf(added) : refuse({ code: "customer_unknown", customer });
      return row.state === "needs_you" ? blockedPlanOf(row) : planOf(row);
    },
    allowance: () => ({ provider: "github", per_hour: 250, done_at: "2026-11-21T15:40:00Z" }),
    provision: ({ customer }) => runOf({ customer, state: "running" }),
    provision_many: ({ customers: chosen }) => ({
      begun: chosen.map((customer) => runOf({ customer, state: "queued" })),
      refused: [],
    }),
    removal_plan: ({ customer }) => (customer === "c0" ? afterRemoval : removalPlan),
    deprovision: () => ({ ...removing.run, id: "run-removing" }),
    welcome_preview: () => welcome,
    welcome_resend: () => ({ state: "sent", to: welcome.to, at: running.now, ended_at: running.now }),
    domains_check: () => [],
    run_rollback: () => undoing.run,
    run_decide: () => running.run,
    run_let_go: () => leftovers.run,
    candidate_open: () => null,
    runs_list: ({ query }) => pageOf(rowsOfRuns, query),
    run_get: ({ run }) => RUNS[run] ?? running,
    run_resume: () => running.run,
    run_cancel: () => null,
    requests_list: ({ query: { states, offset, limit } }) => {
      const found = requests.filter(({ state }) => states.length === 0 || states.includes(state));
      return {
        requests: found.slice(offset, limit === 0 ? undefined : offset + limit),
        total: found.length,
        counts: REQUEST_STATES.map((state) => ({ state, count: requests.filter((one) => one.state === state).length })),
        stripe: { reading: { read_at: new Date(Date.now() - 40_000).toISOString() } },
      };
    },
    request_get: ({ request }) => requests.find(({ id }) => id === request) ?? refuse({ code: "request_unknown", request }),
    request_add: ({ wish }) => ({ ...requests[0]!, ...wish, id: "req-new" }),
    request_edit: ({ request, wish }) => ({ ...requests.find(({ id }) => id === request)!, ...wish }),
    request_review: ({ subdomain }) => planOf({ ...rows[1]!, subdomain: subdomain ?? "havsbrisen" }),
    credentials_list: () => tokens,
    keyring_check: () => ({ backend: "Secret Service, GNOME Keyring", state: "unlocked" }),
    credential_test: ({ provider }) => tokens.credentials.find((one) => one.provider === provider) ?? refuse({ code: "internal" }),
    credential_set: ({ provider, token }) => change(provider, credential(provider, { last_four: token.slice(-4) })),
    credential_remove: ({ provider }) => change(provider, credential(provider, { state: "missing", source: "none" })),
    settings_list: () => settings,
    doctor: () => ({ healthy: true, findings: [{ subject: "database", name: "~/.local/share/fabrik/fabrik.db", optional: false, waits: false }], copies: [{ day: "2026-11-21", bytes: 412_672 }] }),
    // The system's language is the one that the window began with.
    language_set: ({ language: chosen }) => Object.assign(overview, { language: chosen ?? language, chosen_language: chosen ?? undefined }),
    theme_set: ({ theme: chosen }) => Object.assign(overview, { theme: chosen }),
    density_set: ({ density: chosen }) => Object.assign(overview, { density: chosen }),
    workspaces_list: () => workspaces,
    workspace_choose: ({ name }) => {
      if (workspaces.workspaces.every((one) => one.name !== name)) {
        workspaces.workspaces.push({ name, sandbox: false, open: false, next: false });
      }
      for (const one of workspaces.workspaces) one.next = one.name === name;
      return workspaces;
    },
    source_get: () => ({}),
    import_progress: () => null,
    import_stop: () => null,
    import_save: () => ({ name: "fabrik-import-2026-11-21.csv", path: "/home/anna/Hämtningar/fabrik-import-2026-11-21.csv" }),
    database: () => database,
    database_set: ({ url, bring }) => {
      const before = database;
      database = { place: url === "local" ? "/home/anna/.local/share/fabrik/sandbox/central.db" : url, server: url !== "local", encrypted: url !== "local", restart: true, moved: [], others: [] };
      const moved = bring ? [{ table: "customers", rows: 20 }] : [];
      if (url === "local" && before.server) return { ...database, left: before.place, others: ["bo@hylla"], moved };
      return { ...database, moved };
    },
    database_restore: ({ day }) => ({ day, set_aside: "/home/anna/.local/share/fabrik/sandbox/central-20261121T125600Z.db" }),
    standing: () => (fault === "keyring" ? [{ code: "keyring_locked" }] : []),
    diagnostics: () => ({ text: diagnosticText }),
    diagnostics_save: () => ({ name: "fabrik-diagnostics-2026-11-21.txt", path: "/home/anna/Hämtningar/fabrik-diagnostics-2026-11-21.txt" }),
    folder_open: () => null,
    link_open: () => null,
    resource_open: () => null,
    token_page_open: () => null,
    vercel_app_open: () => null,
    ...more,
  });
}
