/** A run's steps: a lane per vendor, all on one time axis, with one line for now. */

import { useState } from "react";

import type { RunDetail, RunEvent } from "@/backend/bindings";
import { FabrikGlyph, ProviderGlyph } from "@/components/glyphs";
import { PROVIDER_TITLES } from "@/components/providers";
import { useI18n } from "@/i18n/I18nProvider";

import { GRID, StepRow } from "./StepRow";
import { followedStep, isComplete, type Lane, type Timeline, timelineOf } from "./timeline";

function AxisHead({ run, timeline }: { run: RunDetail; timeline: Timeline }) {
  const { t, format } = useI18n();
  const { end, ticks } = timeline;
  return (
    <div className={`${GRID} sticky top-0 z-10 h-8 flex-none items-center border-b border-border bg-surface text-caption text-text-3`}>
      <span className="col-span-3 whitespace-nowrap">
        {t.run.stepsDone(run.steps.filter(isComplete).length, run.steps.length)}
      </span>
      <span className="col-start-5 text-right">{t.run.time}</span>
      <span aria-hidden className="relative col-start-6 h-full max-narrow:hidden">
        {ticks.map((tick) => (
          <span
            key={tick}
            className={`absolute top-2 ${tick === 0 ? "" : "-translate-x-1/2"}`}
            style={{ left: `${(tick / end) * 100}%` }}
          >
            {format.clock(tick)}
          </span>
        ))}
      </span>
    </div>
  );
}

function LaneHead({ lane }: { lane: Lane }) {
  const { t } = useI18n();
  const { provider, done, steps } = lane;
  return (
    <>
      {provider === undefined ? <FabrikGlyph small /> : <ProviderGlyph provider={provider} small />}
      <span className="truncate">{provider === undefined ? t.frame.product : PROVIDER_TITLES[provider]}</span>
      <span className="ml-auto text-caption tabular-nums text-text-3">
        <span aria-hidden>{`${done}/${steps.length}`}</span>
        <span className="sr-only">{t.run.laneDone(done, steps.length)}</span>
      </span>
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
}

export function RunTimeline({ run, now, retry }: RunTimelineProps) {
  const { t } = useI18n();
  const timeline = timelineOf(run, now);
  const followed = followedStep(run.steps);
  const byStep = eventsByStep(run.events);
  // What the owner opened or closed stays so; the rest opens and closes by itself.
  const [chosen, setChosen] = useState<ReadonlyMap<string, boolean>>(new Map());
  return (
    <section aria-label={t.run.timeline} className="min-w-0 wide:overflow-y-auto">
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
                    timeline={timeline}
                    lane={place === 0 ? <LaneHead lane={lane} /> : undefined}
                    first={place === 0}
                    last={place === lane.steps.length - 1}
                    open={open}
                    onToggle={events.length === 0 ? undefined : () => setChosen(new Map(chosen).set(id, !open))}
                    events={events}
                    retry={retry}
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
