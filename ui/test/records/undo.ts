/** Runs that go back, wait for the owner, or remove an instance. */

import type { Happening, Problem, RemovalPlan, Resource, RunDetail, RunEvent, StepState, StepView } from "@/backend/bindings";

import { customers } from "./customers";
import { failed, running, STARTED, succeeded } from "./runs";

const at = (second: number) => new Date(STARTED + second * 1000).toISOString();

type Told = readonly [number, string, Happening];
const step = (second: number, id: string, state: StepState): Told => [second, id, { type: "step", state }];
const gone = (second: number, id: string, name: string, within?: string): Told => [
  second,
  id,
  { type: "removed", name, ...(within === undefined ? {} : { with: within }) },
];

const told = (log: readonly Told[], first = 100): RunEvent[] =>
  log
    .toSorted(([one], [other]) => one - other)
    .map(([second, id, what], place) => ({ run: "run-c0", number: first + place, at: at(second), step: id, what }));

const changed = (steps: readonly StepView[], states: Partial<Record<string, readonly [StepState, number?, Problem?]>>): StepView[] =>
  steps.map((one) => {
    const change = states[one.id];
    if (change === undefined) return one;
    const [state, finished, error] = change;
    return { ...one, state, finished_at: finished === undefined ? undefined : at(finished), error };
  });

const withStates = (states: Partial<Record<string, Resource["state"]>>): Resource[] =>
  failed.resources.map((one) => ({ ...one, state: states[one.step] ?? one.state }));

const work: Told[] = [
  step(47, "project", "done"),
  step(7, "repo", "done"),
  step(8, "config", "done"),
  step(9, "site", "done"),
  step(48, "auth", "done"),
  step(50, "variables", "done"),
  step(68, "schema", "failed"),
];

const noRights: Problem = {
  code: "refused",
  operation: "DELETE /repos",
  status: 403,
  provider: "github",
  request_id: "C1A4:3E02:9F1B7",
  detail: "403 Must have admin rights to Repository.",
};

/** The schema was refused, and the run is on its way back: the site is gone, the project is going. */
export const undoing: RunDetail = {
  ...failed,
  run: { ...failed.run, state: "undoing", on_failure: "rollback", finished_at: undefined, undo_began_at: at(69) },
  steps: changed(failed.steps, { variables: ["undone", 71], site: ["undone", 72], auth: ["undone", 71], project: ["undoing"] }),
  resources: withStates({ site: "removed" }),
  events: [
    ...failed.events,
    ...told([
      ...work,
      step(70, "variables", "undoing"),
      gone(71, "variables", "client-akermark", "client-akermark"),
      step(71, "variables", "undone"),
      step(71, "site", "undoing"),
      [71, "site", { type: "removing", name: "client-akermark" }],
      gone(72, "site", "client-akermark"),
      step(72, "site", "undone"),
      step(71, "auth", "undone"),
      step(73, "project", "undoing"),
      [73, "project", { type: "removing", name: "client-akermark" }],
    ]),
  ],
  owned_here: true,
  now: at(75),
};

/** Everything is undone but the repository. */
export const leftovers: RunDetail = {
  ...undoing,
  run: { ...undoing.run, state: "leftovers", finished_at: at(82) },
  steps: changed(undoing.steps, { project: ["undone", 79], repo: ["leftover", 81, noRights], config: ["undone", 81] }),
  resources: withStates({ site: "removed", project: "removed", repo: "leftover" }),
  events: [
    ...undoing.events,
    ...told(
      [
        gone(79, "project", "client-akermark"),
        step(79, "project", "undone"),
        step(80, "repo", "undoing"),
        [81, "repo", { type: "left_over", name: "norrform/client-akermark", problem: noRights }],
        step(81, "repo", "leftover"),
        gone(81, "config", "client-config.json", "norrform/client-akermark"),
        step(81, "config", "undone"),
      ],
      300,
    ),
  ],
  owned_here: false,
  now: at(200),
};

/** Nothing is left, a night later. */
export const rolledBack: RunDetail = {
  ...leftovers,
  run: { ...leftovers.run, state: "rolled_back", undo_began_at: at(50_000), finished_at: at(50_020) },
  steps: changed(leftovers.steps, { repo: ["undone", 50_020] }),
  resources: withStates({ site: "removed", project: "removed", repo: "removed" }),
  events: [...failed.events, ...told([...work, step(50_001, "project", "undoing"), step(50_009, "project", "undone"), step(50_010, "repo", "undoing"), step(50_020, "repo", "undone")])],
};

/** The answer to the project's creation was lost, and two projects could be it. */
export const deciding: RunDetail = {
  ...running,
  run: { ...running.run, state: "waiting", reason: "needs_decision" },
  steps: running.steps.map((one) =>
    one.id === "project"
      ? {
          ...one,
          // As the engine leaves it: to be begun again, with a question that doesn't say whose it is.
          state: "pending",
          error: {
            code: "ambiguous",
            name: "client-akermark",
            candidates: [
              { id: "qhzvknwtyblramxesdup", name: "client-akermark", url: "https://supabase.com/dashboard/project/qhzvknwtyblramxesdup" },
              { id: "mvqkzrtyhbnwplxodcea", name: "client-akermark", url: "https://supabase.com/dashboard/project/mvqkzrtyhbnwplxodcea" },
            ],
          },
        }
      : one,
  ),
  resources: running.resources.filter(({ step: id }) => id !== "project"),
  owned_here: false,
};

/** Vercel asks to wait. */
export const throttled = (until: string): RunDetail => ({
  ...running,
  steps: running.steps.map((one) =>
    one.id === "variables" ? { ...one, state: "running", started_at: at(30), attempts: 1 } : one,
  ),
  events: [
    ...running.events,
    ...told([
      [40, "variables", { type: "retrying", problem: { code: "throttled", until, provider: "vercel" }, in_ms: 90_000, attempt: 2 }],
    ]),
  ],
});

const instance: Resource[] = [
  ...failed.resources,
  { ...failed.resources[0]!, key: "r-schema", step: "schema", kind: "database_schema", name: "factory" },
  { ...failed.resources[0]!, key: "r-admin", step: "admin", kind: "auth_user", name: "anna@akermark.example" },
  { ...failed.resources[1]!, key: "r-config", step: "config", kind: "repository_file", name: "client-config.json" },
];

const REMOVED: readonly string[] = ["project", "schema", "admin", "repo", "config", "site"];

/** The instance of a customer is being removed: the site is gone, the repository is going. */
export const removing: RunDetail = {
  ...succeeded,
  run: { ...succeeded.run, id: "run-removal", number: 215, purpose: "deprovision", state: "undoing", on_failure: "keep", started_at: at(600), finished_at: undefined, undo_began_at: at(600) },
  steps: succeeded.steps
    .filter(({ id }) => REMOVED.includes(id))
    .map((one) => ({
      ...one,
      state: one.id === "site" ? ("undone" as const) : one.id === "repo" ? ("undoing" as const) : ("pending" as const),
      name: undefined,
      started_at: undefined,
      finished_at: one.id === "site" ? at(602) : undefined,
    })),
  resources: instance.map((one) => (one.step === "site" ? { ...one, state: "removed" } : one)),
  events: told([
    step(601, "site", "undoing"),
    [601, "site", { type: "removing", name: "client-akermark" }],
    gone(602, "site", "client-akermark"),
    step(602, "site", "undone"),
    step(602, "repo", "undoing"),
    [602, "repo", { type: "removing", name: "norrform/client-akermark" }],
  ]),
  owned_here: true,
  now: at(604),
};

/** It is gone. */
export const removed: RunDetail = {
  ...removing,
  run: { ...removing.run, state: "succeeded", finished_at: at(611) },
  steps: removing.steps.map((one) => ({ ...one, state: "undone", finished_at: one.finished_at ?? at(610) })),
  resources: instance.map((one) => ({ ...one, state: "removed" })),
  owned_here: false,
  now: at(700),
};

const [somebody] = customers;
if (somebody === undefined) throw new Error("no customer");
const of = (id: string) => instance.find(({ step: at }) => at === id)!;

export const removalPlan: RemovalPlan = {
  customer: somebody,
  resources: [
    { resource: of("site"), fate: "removed" },
    { resource: of("repo"), fate: "removed" },
    { resource: of("config"), fate: "covered", by: "norrform/client-akermark" },
    { resource: of("project"), fate: "removed" },
    { resource: of("schema"), fate: "covered", by: "client-akermark" },
    { resource: of("admin"), fate: "covered", by: "client-akermark" },
    { resource: { ...of("admin"), key: "r-mail", kind: "mail", provider: "resend", name: "anna@akermark.example" }, fate: "sent" },
    { resource: { ...of("repo"), key: "r-old", name: "norrform/akermark-old", origin: "adopted" }, fate: "adopted" },
  ],
  shared: ["norrform/portal"],
};

/** What there is once the instance is gone. */
export const afterRemoval: RemovalPlan = {
  ...removalPlan,
  resources: removalPlan.resources.filter(({ fate }) => fate === "sent" || fate === "adopted"),
};
