/** A run's steps: a lane per vendor, all on one time axis, with one line for now. */

import { useState } from "react";

import type { RunDetail, RunEvent, StepState } from "@/backend/bindings";
import { isLive } from "@/backend/runStates";
import { FabrikGlyph, ProviderGlyph } from "@/components/glyphs";
import { PROVIDER_TITLES } from "@/components/providers";
import { useI18n } from "@/i18n/I18nProvider";

import type { Decide } from "./Candidates";
import { directionOf, undoTimes } from "./direction";
import { GRID, StepRow } from "./StepRow";
import { followedStep, isComplete, type Lane, type Timeline, timelineOf } from "./timeline";

/** The room that a label on the axis takes, of the whole: a tick so close before a pause gives way to it. */
const LABEL_ROOM = 0.16;

/** So many labels stand apart on an axis that has its width. */
const FEW_TICKS = 4;

/** How far the run has come, in the direction in which it goes. */
function useProgress({ run, steps }: RunDetail): string {
  const { t } = useI18n();
  const count = (state: StepState) => steps.filter((step) => step.state === state).length;
  switch (directionOf(run)) {
    case "forward":
      return t.run.stepsDone(steps.filter(isComplete).length, steps.length);
    case "back":
      // Tried again until nothing was left: what was left over then is undone now.
      return run.state === "rolled_back"
        ? t.run.stepsUndone(count("undone") + count("leftover"), 0)
        : t.run.stepsUndone(count("undone"), count("leftover"));
    case "removal":
      return t.run.stepsRemoved(count("undone"), steps.length, count("leftover"));
  }
}

function AxisHead({ run, timeline }: { run: RunDetail; timeline: Timeline }) {
  const { t, format } = useI18n();
  const { end, ticks, pauses } = timeline;
  const progress = useProgress(run);
  return (
    <div className={`${GRID} sticky top-0 z-10 h-8 flex-none items-center border-b border-border bg-surface text-caption text-text-3`}>
      <span className="col-span-3 whitespace-nowrap">{progress}</span>
      <span className="col-start-5 text-right">{t.run.time}</span>
      <span aria-hidden className="relative col-start-6 h-full max-narrow:hidden">
        {ticks.filter((tick) => tick === 0 || pauses.every(({ from }) => from - tick > end * LABEL_ROOM)).map((tick) => (
          <span
            key={tick}
            data-tick
            // A narrow axis has room for every other, and sooner where they are many.
            className={`absolute top-2 ${ticks.length > FEW_TICKS ? "@max-[1060px]:even:hidden" : "@max-[880px]:even:hidden"} ${tick === 0 ? "" : "-translate-x-1/2"}`}
            style={{ left: `${(tick / end) * 100}%` }}
          >
            {format.clock(tick)}
          </span>
        ))}
        {pauses.map(({ from, seconds }) => (
          <span
            key={from}
            title={t.run.stoodStill(format.duration(seconds))}
            className="absolute top-2 bg-surface pl-0.5 whitespace-nowrap text-text-2"
            style={{ left: `min(${(from / end) * 100}%, calc(100% - 52px))` }}
          >
            {`‖ ${format.span(seconds)}`}
          </span>
        ))}
      </span>
    </div>
  );
}

function LaneHead({ lane, counted }: { lane: Lane; counted: boolean }) {
  const { t } = useI18n();
  const { provider, done, steps } = lane;
  return (
    <>
      {provider === undefined ? <FabrikGlyph small /> : <ProviderGlyph provider={provider} small />}
      <span className="truncate">{provider === undefined ? t.frame.product : PROVIDER_TITLES[provider]}</span>
      {counted && (
        <span className="ml-auto text-caption tabular-nums text-text-3">
          <span aria-hidden>{`${done}/${steps.length}`}</span>
          <span className="sr-only">{t.run.laneDone(done, steps.length)}</span>
        </span>
      )}
    </>
  );
}

function eventsByStep(events: readonly RunEvent[]): Map<string, RunEvent[]> {
  const byStep = new Map<string, RunEvent[]>();
  for (const event of events) {
    // A step's state is the row's own shape and word; its log says what it does.
    if (event.step === undefined || event.what.type === "step") continue;
    const list = byStep.get(event.step);
    if (list === undefined) byStep.set(event.step, [event]);
    else list.push(event);
  }
  return byStep;
}

interface RunTimelineProps {
  run: RunDetail;
  /** By the clock that the run's times are of. */
  now: number;
  retry: { label: string; busy: boolean; perform(): void } | undefined;
  /** Answers the question that a step waits with, where it does. */
  decide: Decide | undefined;
}

export function RunTimeline({ run, now, retry, decide }: RunTimelineProps) {
  const { t } = useI18n();
  const timeline = timelineOf(run, now);
  const followed = isLive(run.run.state) ? followedStep(run.steps) : undefined;
  const byStep = eventsByStep(run.events);
  const times = undoTimes(run.events);
  // What the owner opened or closed stays so; the rest opens and closes by itself.
  const [chosen, setChosen] = useState<ReadonlyMap<string, boolean>>(new Map());
  return (
    <section aria-label={t.run.timeline} className="@container min-w-0 wide:scroll-pt-8 wide:overflow-y-auto">
      <AxisHead run={run} timeline={timeline} />
      <ol>
        {timeline.lanes.map((lane) => (
          <li key={lane.provider ?? "fabrik"} className="not-first:border-t not-first:border-border">
            <ol>
              {lane.steps.map((placed, place) => {
                const { id } = placed.step;
                const events = byStep.get(id) ?? [];
                const open = events.length > 0 && (chosen.get(id) ?? id === followed);
                return (
                  <StepRow
                    key={id}
                    run={run}
                    placed={placed}
                    times={times.get(id)}
                    timeline={timeline}
                    lane={place === 0 ? <LaneHead lane={lane} counted={directionOf(run.run) !== "back"} /> : undefined}
                    first={place === 0}
                    last={place === lane.steps.length - 1}
                    open={open}
                    onToggle={events.length === 0 ? undefined : () => setChosen(new Map(chosen).set(id, !open))}
                    events={events}
                    retry={retry}
                    decide={decide}
                  />
                );
              })}
            </ol>
          </li>
        ))}
      </ol>
    </section>
  );
}
