import { describe, expect, it } from "vitest";

import { madeOf } from "@/features/provisioning/made";
import { elapsedOf, followedStep, showsProblem, timelineOf } from "@/features/provisioning/timeline";

import { directionOf, stepLabel, stepLook, stepWord } from "@/features/provisioning/direction";
import { logWords, waitsUntil } from "@/features/provisioning/logWords";
import { createI18n } from "@/i18n/I18nProvider";

import { failed, resumed, running, STARTED, succeeded } from "../records/runs";
import { leftovers, removed, removing, rolledBack, throttled, undoing } from "../records/undo";

const at41 = STARTED + 41_000;
const placed = (timeline: ReturnType<typeof timelineOf>, id: string) => {
  const found = timeline.lanes.flatMap((lane) => lane.steps).find(({ step }) => step.id === id);
  if (found === undefined) throw new Error(`no step ${id}`);
  return found;
};

describe("a run under way", () => {
  const timeline = timelineOf(running, at41);

  it("has a lane per vendor, Fabrik's own last, with its count", () => {
    expect(timeline.lanes.map(({ provider, done, steps }) => [provider, done, steps.length])).toEqual([
      ["supabase", 0, 4],
      ["github", 2, 2],
      ["vercel", 1, 3],
      ["resend", 0, 1],
      [undefined, 0, 2],
    ]);
  });

  it("draws what was used up to now and the usual time that is left", () => {
    expect(placed(timeline, "project")).toMatchObject({ used: { from: 3, to: 41 }, expected: { from: 41, to: 48 } });
    expect(timeline.now).toBe(41);
  });

  it("expects a waiting step after all that it needs", () => {
    expect(placed(timeline, "schema").expected).toEqual({ from: 48, to: 54 });
    expect(placed(timeline, "deployment").expected).toEqual({ from: 54, to: 94 });
    expect(placed(timeline, "finish").expected).toEqual({ from: 97, to: 98 });
  });

  it("ends the axis after the last bar, with few ticks", () => {
    expect(timeline.end).toBeGreaterThan(98);
    expect(timeline.ticks).toEqual([0, 30, 60, 90]);
  });

  it("moves on with the clock alone", () => {
    const later = timelineOf(running, STARTED + 60_000);
    expect(placed(later, "project")).toMatchObject({ used: { from: 3, to: 60 } });
    expect(placed(later, "project").expected).toBeUndefined();
    expect(placed(later, "schema").expected?.from).toBe(60);
  });

  it("follows the step that began first", () => {
    expect(followedStep(running.steps)).toBe("project");
    expect(followedStep(succeeded.steps)).toBeUndefined();
  });
});

describe("a run that was taken on hours later", () => {
  const now = Date.parse(resumed.now);
  const timeline = timelineOf(resumed, now);

  it("leaves the time in which nobody was at work out of the axis, and says how long it was", () => {
    expect(timeline.end).toBeLessThan(200);
    expect(timeline.pauses).toHaveLength(1);
    expect(timeline.pauses[0]?.seconds).toBeCloseTo(3 * 3600 - 40);
    expect(timeline.pauses[0]?.from).toBeCloseTo(40);
    expect(Math.max(...timeline.ticks)).toBeLessThanOrEqual(40);
    expect(timelineOf(running, at41).pauses).toEqual([]);
  });

  it("counts a step's time at work alone, against its usual", () => {
    const project = placed(timeline, "project");
    expect(project.worked).toBeCloseTo(40 - 3 + 20);
    expect((project.used?.to ?? 0) - (project.used?.from ?? 0)).toBeLessThan(70);
    expect(project.expected).toBeUndefined();
    expect(placed(timeline, "variables").worked).toBeCloseTo(10);
    expect(placed(timeline, "repo").worked).toBeCloseTo(4);
  });

  it("took the time at work alone", () => {
    expect(elapsedOf(resumed, now)).toBeCloseTo(40 + 20);
    const gone = { ...resumed, run: { ...resumed.run, state: "cancelled" as const, finished_at: resumed.now } };
    expect(elapsedOf(gone, now + 10_000_000)).toBeCloseTo(40 + 20);
  });

  it("took none of the hours between when it stopped and when it was called off", () => {
    const events = resumed.events.map((event) => (event.number === 61 ? { ...event, what: { type: "run" as const, state: "cancelled" as const } } : event)).filter(({ number }) => number <= 61);
    const run = { ...resumed.run, state: "cancelled" as const, finished_at: events.at(-1)?.at };
    expect(elapsedOf({ ...resumed, run, events }, now)).toBeCloseTo(40);
  });

  it("is told by the run's word alone, also where no end was noted", () => {
    const unnoted = { ...resumed, events: resumed.events.filter(({ what }) => what.type !== "run" || what.state !== "interrupted") };
    expect(timelineOf(unnoted, now).pauses).toHaveLength(1);
    // A wait for the owner is noted when it begins.
    const waiting = resumed.events.map((event) => (event.number === 60 ? { ...event, at: running.now, what: { type: "run" as const, state: "waiting" as const } } : event));
    expect(timelineOf({ ...resumed, events: waiting }, now).pauses[0]?.from).toBeCloseTo(41);
  });
});

describe("a run that has ended", () => {
  it("expects nothing more and has no line for now", () => {
    for (const run of [failed, succeeded]) {
      const timeline = timelineOf(run, STARTED + 10_000_000);
      expect(timeline.now).toBeUndefined();
      expect(timeline.lanes.flatMap(({ steps }) => steps).filter(({ expected }) => expected !== undefined)).toEqual([]);
      expect(timeline.end).toBeLessThan(130);
    }
  });

  it("keeps the time it took", () => {
    expect(elapsedOf(failed, STARTED + 10_000_000)).toBe(82);
    expect(elapsedOf(running, at41)).toBe(41);
  });
});

it("a step's problem is shown while it stands, not once the step is complete", () => {
  const [step] = failed.steps.filter(({ id }) => id === "schema");
  if (step === undefined) throw new Error("no schema");
  expect(showsProblem("failed", step)).toBe(true);
  expect(showsProblem("running", { ...step, state: "running" })).toBe(false);
  expect(showsProblem("waiting", { ...step, state: "running" })).toBe(true);
  expect(showsProblem("waiting", { ...step, state: "pending" })).toBe(true);
  expect(showsProblem("running", { ...step, state: "pending" })).toBe(false);
  expect(showsProblem("succeeded", { ...step, state: "done" })).toBe(false);
});

describe("a run that goes back", () => {
  const { t } = createI18n("sv");
  const timeline = timelineOf(undoing, STARTED + 75_000);

  it("keeps its order, with the way back after the turn", () => {
    expect(timeline.lanes.map(({ provider }) => provider)).toEqual(timelineOf(failed, STARTED).lanes.map(({ provider }) => provider));
    expect(timeline.turn).toBe(69);
    expect(placed(timeline, "site")).toMatchObject({ used: { from: 8, to: 9 }, undo: { from: 71, to: 72 } });
    expect(placed(timeline, "project")).toMatchObject({ used: { from: 3, to: 47 }, undo: { from: 73, to: 75 } });
    expect(placed(timeline, "schema")).toMatchObject({ used: { from: 47, to: 68 } });
    expect(placed(timeline, "schema").undo).toBeUndefined();
  });

  it("expects nothing, and what it never came to waits for nothing", () => {
    expect(timeline.lanes.flatMap(({ steps }) => steps).filter(({ expected }) => expected !== undefined)).toEqual([]);
    const { step } = placed(timeline, "deployment");
    expect(step.state).toBe("pending");
    expect(stepWord(undoing.run, step, t)).toBe("Påbörjades aldrig");
    expect(stepWord(running.run, step, t)).toBe("Väntar");
  });

  it("leaves a night between out of the axis", () => {
    const night = timelineOf(rolledBack, STARTED + 60_000_000);
    expect(night.end).toBeLessThan(130);
    const { used, undo } = placed(night, "project");
    expect(used).toEqual({ from: 3, to: 47 });
    expect((undo?.to ?? 0) - (undo?.from ?? 0)).toBeCloseTo(8);
    expect(undo?.from).toBeGreaterThan(68);
    expect(Math.max(...night.ticks)).toBeLessThanOrEqual(68);
  });
});

describe("a removal", () => {
  const { t } = createI18n("sv");

  it("is told from what goes first to what goes last, by what it takes away", () => {
    const timeline = timelineOf(removing, STARTED + 604_000);
    expect(timeline.lanes.map(({ provider, steps }) => [provider, steps.map(({ step }) => step.id)])).toEqual([
      ["vercel", ["site"]],
      ["github", ["config", "repo"]],
      ["supabase", ["admin", "schema", "project"]],
    ]);
    expect(placed(timeline, "repo")).toMatchObject({ undo: { from: 2, to: 4 } });
    expect(timeline.turn).toBeUndefined();
    const { step } = placed(timeline, "repo");
    expect([stepLabel(removing.run, step, t), stepWord(removing.run, step, t)]).toEqual(["Privat GitHub-repo", "Tas bort"]);
    expect([directionOf(removing.run), directionOf(undoing.run), directionOf(running.run)]).toEqual(["removal", "back", "forward"]);
  });
});

describe("what is still there", () => {
  const states = (run: typeof running) => madeOf(run).map(({ what, state }) => [what, state]);

  it("while and after a run goes back", () => {
    expect(states(undoing)).toEqual([["supabase_project", "going"], ["repository", "there"], ["vercel_project", "gone"]]);
    expect(states(leftovers)).toEqual([["supabase_project", "gone"], ["repository", "leftover"], ["vercel_project", "gone"]]);
    expect(new Set(states(removed).map(([, state]) => state))).toEqual(new Set(["gone"]));
  });

  it("with the DNS records that a deferred domain wants", () => {
    const records = [{ kind: "CNAME", name: "www.a.se", value: "cname.vercel-dns.com" }];
    const domain = { id: "domain", kind: "custom-domain" as const, state: "deferred" as const, attempts: 1, needs: [], usual_seconds: 1, error: { code: "domain_pending" as const, domain: "www.a.se", records } };
    const made = madeOf({ ...succeeded, steps: [...succeeded.steps, domain] });
    expect(made.slice(-2)).toMatchObject([
      { what: "domain", state: "deferred" },
      { what: "dns_record", state: "deferred", value: "www.a.se CNAME cname.vercel-dns.com" },
    ]);
  });

  it("without a domain where there was none to add", () => {
    const domain = { id: "domain", kind: "custom-domain" as const, state: "skipped" as const, attempts: 0, needs: [], usual_seconds: 1 };
    const made = madeOf({ ...succeeded, steps: [...succeeded.steps, domain] });
    expect(made.map(({ what }) => what)).not.toContain("domain");
  });
});

it("a step that the run waits for needs its owner, others wait for their turn", () => {
  const { t } = createI18n("sv");
  const waiting = { ...running.run, state: "waiting" } as const;
  const asked = { state: "pending" as const, error: { code: "ambiguous" as const, name: "client-akermark", candidates: [] } };
  expect([stepLook(waiting, asked).shape, stepWord(waiting, asked, t)]).toEqual(["needs", "Kräver åtgärd"]);
  expect([stepLook(waiting, { state: "pending" }).shape, stepWord(waiting, { state: "pending" }, t)]).toEqual(["wait", "Väntar"]);
  // Once the run goes on, it has a turn again.
  expect(stepLook(running.run, asked).shape).toBe("wait");
});

it("the log tells of undoing and deciding in words", () => {
  const sv = createI18n("sv");
  expect(logWords({ type: "removed", name: "a", with: "b" }, sv)).toBe("a följde med b");
  expect(logWords({ type: "left_over", name: "a", problem: { code: "cannot_see", name: "a" } }, sv)).toBe("a kunde inte tas bort. Det går inte att se om a är borta");
  expect(logWords({ type: "decided", decision: "adopt", id: "x1" }, sv)).toContain("x1");
  expect(logWords({ type: "decided", decision: "new" }, sv)).toContain("en ny skapas");
});

it("a vendor that asks to wait is told with the time by the clock", () => {
  const until = new Date(Date.now() + 60_000).toISOString();
  const { events, steps } = throttled(until);
  const last = events.at(-1);
  expect(steps.map((step) => waitsUntil(step, last))).toContain(until);
  const words = last === undefined ? "" : logWords(last.what, createI18n("sv"));
  expect(words).toMatch(/^Vercel ber Fabrik vänta till \d\d:\d\d:\d\d$/);
});

it("a need that goes round in a circle is drawn all the same", () => {
  const circle = { ...running, steps: running.steps.map((step) => ({ ...step, needs: ["schema", "finish"] })) };
  expect(timelineOf(circle, at41).lanes).toHaveLength(5);
});

describe("what exists", () => {
  const states = (run: typeof running) => Object.fromEntries(madeOf(run).map(({ what, state }) => [what, state]));

  it("fills in as it is made", () => {
    expect(states(running)).toEqual({
      production: "todo",
      supabase_project: "under_way",
      project_ref: "there",
      database_schema: "todo",
      auth_user: "todo",
      repository: "there",
      vercel_project: "there",
      vercel_deployment: "todo",
      mail: "todo",
    });
  });

  it("tells instances on the same host apart by their path", () => {
    const address = (instance_url: string) => madeOf({ ...running, instance_url })[0]?.value;
    expect(address("https://akermark.norrform.example/")).toBe("akermark.norrform.example");
    expect(address("http://127.0.0.1:43485/_sites/kafe-akermark")).toBe("127.0.0.1:43485/_sites/kafe-akermark");
  });

  it("is all there at the end, and says what was there before", () => {
    expect(states(succeeded)).toMatchObject({ production: "there", repository: "adopted", mail: "there" });
    expect(Object.values(states(succeeded))).not.toContain("todo");
  });
});

describe("a run that failed and keeps what exists", () => {
  const words = (state: "failed" | "cancelled" | "interrupted" | "waiting") =>
    [{ state: "pending" as const }, { state: "pending" as const, started_at: failed.run.started_at }, { state: "running" as const, started_at: failed.run.started_at }].map((step) =>
      stepWord({ ...failed.run, state }, step, createI18n("sv").t),
    );

  it.each(["failed", "cancelled"] as const)("waits for no step that it left undone: %s", (state) => {
    expect(words(state)).toEqual(["Påbörjades aldrig", "Avbröts", "Avbröts"]);
    expect(stepLook({ ...failed.run, state }, { state: "pending" })).toEqual(stepLook(failed.run, { state: "skipped" }));
  });

  it.each(["interrupted", "waiting"] as const)("waits where it may still go on: %s", (state) => {
    expect(words(state)).toEqual(["Väntar", "Väntar", "Väntar"]);
  });
});
