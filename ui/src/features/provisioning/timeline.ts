/** A run on one time axis: which bar each step has, and where the others are expected. All in seconds from its start. */

import type { Provider, RunDetail, RunState, StepState, StepView } from "@/backend/bindings";

export interface Bar {
  from: number;
  to: number;
}

export interface PlacedStep {
  step: StepView;
  /** The time it took, or has taken so far. */
  used?: Bar;
  /** The usual time that is left of it. */
  expected?: Bar;
}

/** A vendor's steps; no vendor for Fabrik's own. */
export interface Lane {
  provider?: Provider;
  steps: PlacedStep[];
  done: number;
}

export interface Timeline {
  lanes: Lane[];
  /** Where the axis ends. */
  end: number;
  ticks: number[];
  /** Where the line for now stands, while time goes on for the run. */
  now?: number;
}

/** Nobody looks at fewer seconds than this. */
const SHORTEST = 10;
/** Room after the last bar. */
const ROOM = 1.06;
const TICK_STEPS = [5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21_600, 86_400];
const MOST_TICKS = 4;

const COMPLETE: ReadonlySet<StepState> = new Set<StepState>(["deferred", "done", "adopted", "skipped"]);
const LIVE: ReadonlySet<RunState> = new Set<RunState>(["queued", "running", "undoing"]);
const ACTIVE: ReadonlySet<RunState> = new Set<RunState>([...LIVE, "waiting", "interrupted"]);

/** Its outputs are there. */
export const isComplete = (step: StepView) => COMPLETE.has(step.state);
/** A process is at work on it now. */
export const isLive = (state: RunState) => LIVE.has(state);
/** It has not ended. */
export const isActive = (state: RunState) => ACTIVE.has(state);

/** Its error is shown in its row: it failed, or the run waits for it. A complete step's last failure is history. */
export function showsProblem(run: RunState, step: StepView): boolean {
  if (step.error === undefined || isComplete(step) || step.state === "pending") return false;
  return step.state !== "running" || run === "waiting";
}

function ticksTo(end: number): number[] {
  const every = TICK_STEPS.find((seconds) => end / seconds <= MOST_TICKS) ?? end;
  return Array.from({ length: Math.floor(end / every) + 1 }, (_, tick) => tick * every);
}

/** `now` by the clock that the run's times are of, in milliseconds. */
export function timelineOf({ run, steps, expected_seconds }: RunDetail, now: number): Timeline {
  const origin = Date.parse(run.started_at);
  const since = (at: string) => Math.max(0, (Date.parse(at) - origin) / 1000);
  const live = isLive(run.state);
  const stopped = run.finished_at === undefined ? undefined : since(run.finished_at);
  const nowAt = stopped ?? Math.max(0, (now - origin) / 1000);
  const byId = new Map(steps.map((step) => [step.id, step]));
  const placed = new Map<string, PlacedStep>();

  const place = (step: StepView): PlacedStep => {
    const known = placed.get(step.id);
    if (known !== undefined) return known;
    const answer: PlacedStep = { step };
    placed.set(step.id, answer);
    if (step.started_at !== undefined) {
      const from = since(step.started_at);
      const open = step.state === "running" || step.state === "undoing";
      const to = step.finished_at === undefined ? (open && live ? nowAt : from) : since(step.finished_at);
      answer.used = { from, to: Math.max(from, to) };
      const usualEnd = from + step.usual_seconds;
      if (open && live && usualEnd > answer.used.to) answer.expected = { from: answer.used.to, to: usualEnd };
    } else if (live && step.state === "pending") {
      const needs = step.needs.flatMap((id) => byId.get(id) ?? []).map((need) => endOf(place(need)));
      const from = Math.max(nowAt, ...needs);
      answer.expected = { from, to: from + step.usual_seconds };
    }
    return answer;
  };
  const endOf = ({ used, expected }: PlacedStep) => expected?.to ?? used?.to ?? 0;

  const lanes = new Map<Provider | undefined, Lane>();
  for (const step of steps) {
    const lane = lanes.get(step.provider) ?? { provider: step.provider, steps: [], done: 0 };
    lanes.set(step.provider, lane);
    lane.steps.push(place(step));
    if (isComplete(step)) lane.done += 1;
  }
  const ordered = [...lanes.values()].sort((one, other) => Number(one.provider === undefined) - Number(other.provider === undefined));

  const last = Math.max(...[...placed.values()].map(endOf), live ? nowAt : 0, live ? expected_seconds : 0, SHORTEST);
  const end = last * ROOM;
  return { lanes: ordered, end, ticks: ticksTo(end), now: live ? nowAt : undefined };
}

/** The row that is open by itself: the running step that began first, so that the page stays calm. */
export function followedStep(steps: readonly StepView[]): string | undefined {
  return steps
    .filter((step) => step.state === "running")
    .sort((one, other) => (one.started_at ?? "").localeCompare(other.started_at ?? ""))[0]?.id;
}

/** How long the run has taken, or took, in seconds. */
export function elapsedOf({ run, steps }: RunDetail, now: number): number {
  const ends = steps.flatMap((step) => (step.finished_at === undefined ? [] : [Date.parse(step.finished_at)]));
  const until =
    run.finished_at !== undefined ? Date.parse(run.finished_at) : isLive(run.state) ? now : Math.max(Date.parse(run.started_at), ...ends);
  return Math.max(0, (until - Date.parse(run.started_at)) / 1000);
}
