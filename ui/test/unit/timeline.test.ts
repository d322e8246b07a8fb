import { describe, expect, it } from "vitest";

import { madeOf } from "@/features/provisioning/made";
import { elapsedOf, followedStep, showsProblem, timelineOf } from "@/features/provisioning/timeline";

import { failed, running, STARTED, succeeded } from "../records/runs";

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
  expect(showsProblem("succeeded", { ...step, state: "done" })).toBe(false);
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
