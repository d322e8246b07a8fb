import type { Happening, Run, RunDetail, RunEvent, RunState, StepKind, StepState, StepView } from "@/backend/bindings";

import type { Provider } from "@/backend/bindings";

/** When the run below began. */
export const STARTED = Date.parse("2026-11-21T12:56:00Z");
const at = (second: number) => new Date(STARTED + second * 1000).toISOString();

export function runOf(given: { customer: string; state: RunState; started_at?: string; finished_at?: string }): Run {
  return {
    id: `run-${given.customer}`,
    number: 214,
    customer: given.customer,
    purpose: "provision",
    state: given.state,
    on_failure: "keep",
    operator: "Emil Norrby",
    blueprint: "factory",
    started_at: given.started_at ?? at(0),
    ...(given.state === "succeeded" ? { finished_at: given.finished_at ?? at(104) } : {}),
  };
}

/** Id, kind, vendor, needs, usual seconds, name. */
const STEPS: readonly (readonly [string, StepKind, Provider | undefined, string[], number, string | undefined])[] = [
  ["project", "supabase-project", "supabase", [], 45, "client-akermark"],
  ["schema", "database-schema", "supabase", ["project"], 6, undefined],
  ["auth", "auth-settings", "supabase", ["project"], 1, undefined],
  ["admin", "admin-user", "supabase", ["schema", "auth"], 1, "anna@akermark.example"],
  ["repo", "github-repo", "github", [], 4, "norrform/client-akermark"],
  ["config", "client-config", "github", ["repo"], 1, "client-config.json"],
  ["site", "vercel-project", "vercel", ["config"], 1, "client-akermark"],
  ["variables", "vercel-environment", "vercel", ["site", "project"], 4, "SUPABASE_URL, SUPABASE_ANON_KEY, SITE_URL"],
  ["deployment", "vercel-deployment", "vercel", ["variables", "schema"], 40, undefined],
  ["check", "site-check", undefined, ["deployment"], 2, "akermark.norrform.example"],
  ["welcome", "welcome-email", "resend", ["check", "admin"], 1, "anna@akermark.example"],
  ["finish", "finalize", undefined, ["welcome"], 1, undefined],
];

type Times = readonly [StepState, number?, number?];

function stepsOf(states: Partial<Record<string, Times>>, rest: StepState): StepView[] {
  return STEPS.map(([id, kind, provider, needs, usual_seconds, name]) => {
    const [state, from, to] = states[id] ?? [rest];
    return {
      id,
      kind,
      ...(provider === undefined ? {} : { provider }),
      state,
      attempts: from === undefined ? 0 : 1,
      ...(name === undefined ? {} : { name }),
      needs,
      usual_seconds,
      ...(from === undefined ? {} : { started_at: at(from) }),
      ...(to === undefined ? {} : { finished_at: at(to) }),
    };
  });
}

const LOG: readonly (readonly [number, string, Happening])[] = [
  [3, "project", { type: "step", state: "running" }],
  [3, "project", { type: "looking", name: "client-akermark" }],
  [3, "project", { type: "creating", name: "client-akermark" }],
  [5, "project", { type: "created", id: "qhzvknwtyblramxesdup", url: "https://supabase.com/dashboard/project/qhzvknwtyblramxesdup" }],
  [5, "project", { type: "detail", detail: "password_kept", subject: "client-akermark" }],
  [6, "project", { type: "not_yet", status: "UNKNOWN", again_in_ms: 2000 }],
  [8, "project", { type: "not_yet", status: "COMING_UP", again_in_ms: 4000 }],
  [12, "project", { type: "not_yet", status: "COMING_UP", again_in_ms: 8000 }],
  [20, "project", { type: "not_yet", status: "COMING_UP", again_in_ms: 10_000 }],
  [30, "project", { type: "not_yet", status: "COMING_UP", again_in_ms: 10_000 }],
  [40, "project", { type: "not_yet", status: "COMING_UP", again_in_ms: 10_000 }],
  [3, "repo", { type: "creating", name: "norrform/client-akermark" }],
  [7, "repo", { type: "created", id: "9182736" }],
];

const events: RunEvent[] = LOG.map(([second, step, what], place) => ({
  run: "run-c0",
  number: place + 1,
  at: at(second),
  step,
  what,
}));

const resource = (step: string, provider: Provider, kind: RunDetail["resources"][number]["kind"], id: string, name: string) => ({
  key: `r-${step}`,
  customer: "c0",
  run: "run-c0",
  step,
  provider,
  kind,
  id,
  name,
  url: "https://example.com/",
  origin: "created" as const,
  state: "live" as const,
  at: at(5),
});

const customer = {
  id: "c0",
  name: "Åkermark Juristbyrå",
  slug: "akermark",
  subdomain: "akermark",
  status: "pending" as const,
  plan: "starter",
  blueprint: "factory",
  contact_email: "anna@akermark.example",
  language: "sv" as const,
  credits: 0,
  modules: ["crm"],
  created_at: at(-4000),
  updated_at: at(0),
};

const made = [
  resource("project", "supabase", "supabase_project", "qhzvknwtyblramxesdup", "client-akermark"),
  resource("repo", "github", "repository", "9182736", "norrform/client-akermark"),
  resource("site", "vercel", "vercel_project", "prj_1", "client-akermark"),
];

const base = { customer, expected_seconds: 95, instance_url: "https://akermark.norrform.example" };

/** 41 seconds in: the database comes up, the repository and the site are there. */
export const running: RunDetail = {
  ...base,
  run: runOf({ customer: "c0", state: "running" }),
  steps: stepsOf({ project: ["running", 3], repo: ["done", 3, 7], config: ["done", 7, 8], site: ["done", 8, 9] }, "pending"),
  resources: made,
  events,
  owned_here: true,
  superseded: false,
  taken_over: false,
  now: at(41),
};

/** The schema was refused at the third attempt. */
export const failed: RunDetail = {
  ...base,
  run: {
    ...runOf({ customer: "c0", state: "failed" }),
    finished_at: at(82),
  },
  steps: stepsOf(
    { project: ["done", 3, 47], schema: ["failed", 47, 68], auth: ["done", 47, 48], repo: ["done", 3, 7], config: ["done", 7, 8], site: ["done", 8, 9], variables: ["done", 47, 50] },
    "pending",
  ).map((step) =>
    step.id === "schema"
      ? {
          ...step,
          attempts: 3,
          error: {
            code: "schema_refused" as const,
            file: "07_social.sql",
            provider: "supabase" as const,
            request_id: "req_8Vd2mQx71Lk",
            detail: "ERROR 57014: canceling statement due to statement timeout",
          },
        }
      : step,
  ),
  resources: made,
  events: [
    ...events,
    { run: "run-c0", number: 50, at: at(47), step: "schema", what: { type: "detail", detail: "file_applied", subject: "06_files.sql" } },
    { run: "run-c0", number: 51, at: at(68), step: "schema", what: { type: "step", state: "failed" } },
  ],
  owned_here: false,
  superseded: false,
  taken_over: false,
  now: at(200),
};

/** Everything is there. */
export const succeeded: RunDetail = {
  ...base,
  run: runOf({ customer: "c0", state: "succeeded" }),
  steps: stepsOf(
    {
      project: ["done", 3, 47],
      schema: ["done", 47, 53],
      auth: ["done", 47, 48],
      admin: ["done", 53, 54],
      repo: ["adopted", 3, 7],
      config: ["done", 7, 8],
      site: ["done", 8, 9],
      variables: ["done", 47, 50],
      deployment: ["done", 53, 96],
      check: ["done", 96, 99],
      welcome: ["done", 99, 100],
      finish: ["done", 100, 104],
    },
    "pending",
  ),
  resources: made,
  events,
  owned_here: false,
  superseded: false,
  taken_over: false,
  now: at(500),
};

/** How many seconds after its start the run below was taken on. */
const GONE = 3 * 3600;

/** Its process was gone for three hours; another took it on twenty seconds ago. */
export const resumed: RunDetail = {
  ...running,
  steps: stepsOf(
    {
      project: ["running", 3],
      repo: ["done", 3, 7],
      config: ["done", 7, 8],
      site: ["done", 8, 9],
      variables: ["running", GONE + 10],
    },
    "pending",
  ).map((step) =>
    step.id === "variables" ? { ...step, attempts: 2 } : step,
  ),
  events: [
    { run: "run-c0", number: 0, at: at(0), what: { type: "run", state: "running" } },
    ...events,
    { run: "run-c0", number: 60, at: at(GONE - 5), what: { type: "run", state: "interrupted" } },
    { run: "run-c0", number: 61, at: at(GONE), what: { type: "run", state: "running" } },
    { run: "run-c0", number: 62, at: at(GONE + 1), step: "project", what: { type: "looking", name: "client-akermark" } },
    { run: "run-c0", number: 63, at: at(GONE + 2), step: "project", what: { type: "not_yet", status: "COMING_UP", again_in_ms: 10_000 } },
  ],
  now: at(GONE + 20),
};
