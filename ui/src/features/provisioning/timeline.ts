/** A run on one time axis: which bar each step has, and where the others are expected. All in seconds from its start. */

import type { Provider, RunDetail, RunEvent, RunState, StepState, StepView } from "@/backend/bindings";
import { isLive } from "@/backend/runStates";

import { directionOf, undoTimes } from "./direction";

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
  /** How long it was worked on, without the time in which the run stood still. */
  worked?: number;
  /** The time that taking it away took, or has taken so far. */
  undo?: Bar;
}

/** A vendor's steps; no vendor for Fabrik's own. */
export interface Lane {
  provider?: Provider;
  steps: PlacedStep[];
  /** Complete; in a removal, taken away. */
  done: number;
}

export interface Timeline {
  lanes: Lane[];
  /** Where the axis ends. */
  end: number;
  ticks: number[];
  /** Where the line for now stands, while time goes on for the run. */
  now?: number;
  /** Where the run turned back. */
  turn?: number;
  /** Time that is left out of the axis: the room it keeps there, and how long it was. */
  pauses: (Bar & { seconds: number })[];
}

/** Nobody looks at fewer seconds than this. */
const SHORTEST = 10;
/** Room after the last bar. */
const ROOM = 1.06;
const TICK_STEPS = [5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21_600, 86_400];
const MOST_TICKS = 4;
/** A longer time in which nothing went on, such as a night before a run is taken on again, is left out of the axis. */
const IDLE_SECONDS = 60;
/** The room it keeps, of the whole. */
const IDLE_ROOM = 0.05;

const COMPLETE: ReadonlySet<StepState> = new Set<StepState>(["deferred", "done", "adopted", "skipped"]);

/** Its outputs are there. */
export const isComplete = (step: StepView) => COMPLETE.has(step.state);

/** Its error is shown in its row: it failed, or the run waits for it. A complete step's last failure is history. */
export function showsProblem(run: RunState, step: StepView): boolean {
  if (step.error === undefined || isComplete(step)) return false;
  // A step that the run waits for is put back to where it began.
  return run === "waiting" || (step.state !== "running" && step.state !== "pending");
}

function ticksTo(end: number): number[] {
  const every = TICK_STEPS.find((seconds) => end / seconds <= MOST_TICKS) ?? end;
  return Array.from({ length: Math.floor(end / every) + 1 }, (_, tick) => tick * every);
}

/**
 * When nobody was at work on the run: it waited, or its process was gone until another took it on. A step's time
 * goes on over it, as it began before and ended after.
 */
function standstillsOf(events: readonly RunEvent[], since: (at: string) => number): Bar[] {
  const still: Bar[] = [];
  let state: RunState = "queued";
  let sign = 0;
  for (const { at, what } of events) {
    if (what.type === "run") {
      // It goes on after it stood still, or is called off. Running again without an end before it: it was taken from a
      // process that could say nothing more.
      if (!isLive(state) || (isLive(what.state) && what.state === state)) still.push({ from: sign, to: since(at) });
      state = what.state;
      // Who notes that a process is gone comes long after it.
      if (state === "interrupted") continue;
    }
    sign = Math.max(sign, since(at));
  }
  return still.filter(({ from, to }) => to - from > IDLE_SECONDS);
}

/** What is left of a bar outside the times in which the run stood still. */
function atWork(bar: Bar, still: readonly Bar[]): Bar[] {
  return still.reduce<Bar[]>(
    (parts, gap) =>
      parts.flatMap((part) =>
        gap.to <= part.from || gap.from >= part.to
          ? [part]
          : [{ from: part.from, to: gap.from }, { from: gap.to, to: part.to }].filter(({ from, to }) => from < to),
      ),
    [bar],
  );
}

const lengthOf = (bars: readonly Bar[]) => bars.reduce((sum, { from, to }) => sum + (to - from), 0);

/** Leaves out of a run's time what no bar is in. Times before `cut` stand as they are. */
function squeezing(bars: readonly Bar[]): { squeezed(at: number): number; cut: number; idle: readonly Bar[] } {
  const idle: Bar[] = [];
  let until = 0;
  for (const bar of bars.toSorted((one, other) => one.from - other.from)) {
    if (bar.from - until > IDLE_SECONDS) idle.push({ from: until, to: bar.from });
    until = Math.max(until, bar.to);
  }
  const busy = idle.reduce((rest, { from, to }) => rest - (to - from), until);
  const room = Math.max(1, busy * IDLE_ROOM);
  return {
    squeezed: (at) =>
      idle.reduce((left, { from, to }) => left - Math.max(0, Math.min(at, to) - from) * (1 - room / (to - from)), at),
    cut: idle[0]?.from ?? Number.POSITIVE_INFINITY,
    idle,
  };
}

/** `now` by the clock that the run's times are of, in milliseconds. */
export function timelineOf(detail: RunDetail, now: number): Timeline {
  const { run, steps, expected_seconds } = detail;
  const direction = directionOf(run);
  const undone = undoTimes(detail.events);
  const origin = Date.parse(run.started_at);
  const since = (at: string) => Math.max(0, (Date.parse(at) - origin) / 1000);
  const live = isLive(run.state);
  const still = standstillsOf(detail.events, since);
  const stopped = run.finished_at === undefined ? undefined : since(run.finished_at);
  const nowAt = stopped ?? Math.max(0, (now - origin) / 1000);
  const byId = new Map(steps.map((step) => [step.id, step]));
  const placed = new Map<string, PlacedStep>();

  const place = (step: StepView): PlacedStep => {
    const known = placed.get(step.id);
    if (known !== undefined) return known;
    const answer: PlacedStep = { step };
    placed.set(step.id, answer);
    if (direction !== "forward") {
      const times = undone.get(step.id);
      const turned = run.undo_began_at === undefined ? undefined : since(run.undo_began_at);
      const goes = step.state === "undoing" || step.state === "undone" || step.state === "leftover";
      const finished = step.finished_at === undefined ? undefined : since(step.finished_at);
      if (step.started_at !== undefined && direction === "back") {
        const from = since(step.started_at);
        const worked = times?.worked === undefined ? (goes ? undefined : finished) : since(times.worked);
        answer.used = { from, to: Math.max(from, worked ?? turned ?? from) };
        answer.worked = lengthOf(atWork(answer.used, still));
      }
      if (goes) {
        const ended = times?.ended === undefined ? finished : since(times.ended);
        const from = times?.began === undefined ? ended : since(times.began);
        const to = step.state === "undoing" ? (live ? nowAt : from) : ended;
        if (from !== undefined) answer.undo = { from, to: Math.max(from, to ?? from) };
      }
    } else if (step.started_at !== undefined) {
      const from = since(step.started_at);
      const open = step.state === "running";
      const to = step.finished_at === undefined ? (open && live ? nowAt : from) : since(step.finished_at);
      answer.used = { from, to: Math.max(from, to) };
      answer.worked = lengthOf(atWork(answer.used, still));
      const left = step.usual_seconds - answer.worked;
      if (open && live && left > 0) answer.expected = { from: answer.used.to, to: answer.used.to + left };
    } else if (live && step.state === "pending") {
      const needs = step.needs.flatMap((id) => byId.get(id) ?? []).map((need) => endOf(place(need)));
      const from = Math.max(nowAt, ...needs);
      answer.expected = { from, to: from + step.usual_seconds };
    }
    return answer;
  };
  const endOf = ({ used, expected, undo }: PlacedStep) => undo?.to ?? expected?.to ?? used?.to ?? 0;

  const lanes = new Map<Provider | undefined, Lane>();
  // What is taken away goes from the last to the first: a removal is told in that order.
  for (const step of direction === "removal" ? steps.toReversed() : steps) {
    const lane = lanes.get(step.provider) ?? { provider: step.provider, steps: [], done: 0 };
    lanes.set(step.provider, lane);
    lane.steps.push(place(step));
    if (direction === "removal" ? step.state === "undone" : isComplete(step)) lane.done += 1;
  }
  const ordered = [...lanes.values()].sort((one, other) => Number(one.provider === undefined) - Number(other.provider === undefined));

  const usual = live && direction === "forward" ? expected_seconds : 0;
  const last = Math.max(...[...placed.values()].map(endOf), live ? nowAt : 0, usual, SHORTEST);
  const turn = direction === "back" && run.undo_began_at !== undefined ? since(run.undo_began_at) : undefined;
  const bars = [...placed.values()].flatMap(({ used, expected, undo }) => [used, expected, undo].filter((bar) => bar !== undefined));
  const worked = bars.flatMap((bar) => (bar.from === bar.to ? [bar] : atWork(bar, still)));
  const { squeezed, cut, idle } = squeezing(live ? [...worked, { from: nowAt, to: nowAt }] : worked);
  const moved = (bar: Bar | undefined) => bar && { from: squeezed(bar.from), to: squeezed(bar.to) };
  for (const lane of ordered) {
    lane.steps = lane.steps.map(({ used, expected, undo, ...rest }) => ({
      ...rest,
      used: moved(used),
      expected: moved(expected),
      undo: moved(undo),
    }));
  }
  const end = squeezed(last) * ROOM;
  return {
    lanes: ordered,
    end,
    ticks: ticksTo(end).filter((tick) => tick <= cut),
    now: live ? squeezed(nowAt) : undefined,
    turn: turn === undefined ? undefined : squeezed(turn),
    pauses: idle.map(({ from, to }) => ({ from: squeezed(from), to: squeezed(to), seconds: to - from })),
  };
}

/** The row that is open by itself: the step under way that began first, so that the page stays calm. */
export function followedStep(steps: readonly StepView[]): string | undefined {
  return steps
    .filter((step) => step.state === "running" || step.state === "undoing")
    .sort((one, other) => (one.started_at ?? "").localeCompare(other.started_at ?? ""))[0]?.id;
}

/** How long the run has been worked on, or was, in seconds: without the time in which it stood still. */
export function elapsedOf({ run, steps, events }: RunDetail, now: number): number {
  const origin = Date.parse(run.started_at);
  const ends = steps.flatMap((step) => (step.finished_at === undefined ? [] : [Date.parse(step.finished_at)]));
  const until =
    run.finished_at !== undefined ? Date.parse(run.finished_at) : isLive(run.state) ? now : Math.max(origin, ...ends);
  const still = standstillsOf(events, (at) => Math.max(0, (Date.parse(at) - origin) / 1000));
  return lengthOf(atWork({ from: 0, to: Math.max(0, (until - origin) / 1000) }, still));
}
