/** A step on the timeline: shape, what it does, its time against the usual one, and its bar on the axis. */

import { RotateCcw } from "lucide-react";
import type { CSSProperties, ReactNode } from "react";

import type { Resource, RunDetail, RunEvent, StepView } from "@/backend/bindings";
import { Button } from "@/components/Button";
import { classes } from "@/components/classes";
import { Icon } from "@/components/Icon";
import { STEP_LOOK } from "@/components/states";
import { StatusShape } from "@/components/StatusShape";
import { ErrorDisplay } from "@/errors/ErrorDisplay";
import { useI18n } from "@/i18n/I18nProvider";

import { sayingOf } from "./logWords";
import { StepLog } from "./StepLog";
import { type Bar, isComplete, type PlacedStep, showsProblem, type Timeline } from "./timeline";

/** The columns that every row and the head share. */
export const GRID =
  "grid grid-cols-[116px_24px_152px_minmax(0,1fr)_144px_196px] gap-x-2 pr-5 pl-6 max-narrow:grid-cols-[96px_24px_minmax(0,1fr)_minmax(0,1fr)_120px_0px]";

const BAR: Partial<Record<StepView["state"], string>> = {
  running: "rounded-l-[2px] bg-info",
  failed: "rounded-[2px] bg-error",
  undone: "rounded-[2px] border border-border-strong",
  undoing: "rounded-[2px] border border-info",
};
const BAR_DONE = "rounded-[2px] bg-[color-mix(in_oklab,var(--ok)_62%,var(--surface))]";

function place(bar: Bar, end: number): CSSProperties {
  return { left: `${(bar.from / end) * 100}%`, width: `${((bar.to - bar.from) / end) * 100}%` };
}

function Bars({ placed, timeline }: { placed: PlacedStep; timeline: Timeline }) {
  const { step, used, expected } = placed;
  const { end, ticks, now } = timeline;
  // A dashed outline needs room for its dashes; a short wait is a quiet stroke.
  const tiny = expected !== undefined && (expected.to - expected.from) / end < 0.03;
  return (
    <span aria-hidden className="relative col-start-6 row-span-full row-start-1 block max-narrow:hidden">
      {ticks.map((tick) => (
        <span key={tick} className="absolute inset-y-0 w-px bg-border/60" style={{ left: `${(tick / end) * 100}%` }} />
      ))}
      {used !== undefined && (
        <span
          data-bar="used"
          className={classes("absolute top-3.5 h-2 min-w-1", BAR[step.state] ?? BAR_DONE)}
          style={place(used, end)}
        />
      )}
      {expected !== undefined && (
        <span
          data-bar="expected"
          className={classes(
            "absolute top-3.5 h-2 min-w-1",
            tiny
              ? "rounded-[2px] bg-border-strong/55"
              : classes("border border-dashed border-border-strong", used === undefined ? "rounded-[2px]" : "rounded-r-[2px] border-l-0"),
          )}
          style={place(expected, end)}
        />
      )}
      {now !== undefined && (
        <span data-now className="absolute inset-y-0 w-px bg-info" style={{ left: `${(now / end) * 100}%` }} />
      )}
    </span>
  );
}

interface StepRowProps {
  run: RunDetail;
  placed: PlacedStep;
  timeline: Timeline;
  /** The vendor and its count, in the first row of a lane. */
  lane?: ReactNode;
  first: boolean;
  last: boolean;
  open: boolean;
  /** Opens or closes the row's log; none where there is nothing to open. */
  onToggle?(): void;
  events: readonly RunEvent[];
  retry: { label: string; busy: boolean; perform(): void } | undefined;
}

/** With more variables than this their names are cut to nothing; how many there are says more. */
const NAMED_VARIABLES = 2;

/** How many variables a step writes, where they are too many to name. */
function variableCount({ kind, name }: StepView): number | undefined {
  if (kind !== "vercel-environment" || name === undefined) return undefined;
  const count = name.split(",").length;
  return count > NAMED_VARIABLES ? count : undefined;
}

function useDetail(run: RunDetail, step: StepView, events: readonly RunEvent[]): ReactNode {
  const i18n = useI18n();
  const { t } = i18n;
  const variables = variableCount(step);
  const name = variables === undefined ? step.name : t.run.variables(variables);
  switch (step.state) {
    case "running":
      return sayingOf(events.at(-1), i18n) ?? name;
    case "failed":
      return (
        <>
          <b className="font-medium text-error">{t.stepState.failed}</b>
          {step.attempts > 1 && `, ${t.run.attempt(step.attempts)}`}
        </>
      );
    case "leftover":
      return <b className="font-medium text-warn">{t.stepState.leftover}</b>;
    case "skipped":
    case "deferred":
    case "undoing":
    case "undone":
      return t.stepState[step.state];
    case "adopted":
      return [name, t.stepState.adopted].filter(Boolean).join(", ");
    case "pending": {
      if (name !== undefined) return name;
      const need = step.needs.flatMap((id) => run.steps.find((one) => one.id === id) ?? []).find((one) => !isComplete(one));
      return need === undefined ? undefined : t.run.waitsFor(t.step[need.kind]);
    }
    case "done":
      return name;
  }
}

function Duration({ placed }: { placed: PlacedStep }) {
  const { t, format } = useI18n();
  const { step, used } = placed;
  const usual = t.run.usually(format.duration(Math.max(1, step.usual_seconds)));
  if (step.state === "skipped") return null;
  if (used === undefined) return step.state === "pending" ? usual : null;
  return (
    <>
      <b className="font-medium text-text">{format.duration(used.to - used.from)}</b>
      {t.run.usuallyAfter}
      {usual}
    </>
  );
}

/** How many resources exist now: what a failure leaves, and a new attempt goes on from. */
function keptCount(resources: readonly Resource[]): number {
  return resources.filter((resource) => resource.state === "live").length;
}

export function StepRow({ run, placed, timeline, lane, first, last, open, onToggle, events, retry }: StepRowProps) {
  const { t } = useI18n();
  const { step } = placed;
  const detail = useDetail(run, step, events);
  const inFull = variableCount(step) === undefined ? detail : step.name;
  const look = STEP_LOOK[step.state];
  const label = t.step[step.kind];
  const quiet = step.state === "pending" || step.state === "skipped" || step.state === "undone";
  const running = step.state === "running";
  const resource = run.resources.find((one) => one.step === step.id && one.url !== undefined);
  const problem = showsProblem(run.run.state, step) ? step.error : undefined;
  return (
    <li
      data-step={step.id}
      data-state={step.state}
      className={classes(
        GRID,
        "min-h-9 grid-rows-[36px_auto]",
        running && "bg-[color-mix(in_oklab,var(--info-bg)_55%,var(--surface))]",
      )}
    >
      <span className="col-start-1 row-start-1 flex items-center gap-2 text-text-2">{lane}</span>
      <span className="relative col-start-2 row-span-full row-start-1 flex justify-center pt-2.5">
        <span
          aria-hidden
          className={classes("absolute left-[11.5px] w-px bg-border", first ? "top-[18px]" : "top-0", last && !open ? "h-[18px]" : "bottom-0", first && last && !open && "hidden")}
        />
        <span className={classes("relative z-1 h-5 py-0.5", !running && "bg-surface")}>
          <StatusShape {...look} size={16} />
        </span>
        <span className="sr-only">{t.stepState[step.state]}</span>
      </span>
      <span className="col-start-3 row-start-1 flex min-w-0 items-center">
        {onToggle === undefined ? (
          <span className={classes("truncate", quiet ? "text-text-2" : "font-medium")}>{label}</span>
        ) : (
          <button
            type="button"
            aria-expanded={open}
            onClick={onToggle}
            className={classes("min-h-6 truncate rounded-chip text-left hover:underline", quiet ? "text-text-2" : "font-medium")}
          >
            {label}
          </button>
        )}
      </span>
      <span className="col-start-4 row-start-1 flex min-w-0 items-center text-caption text-text-3">
        <span className="truncate" title={typeof inFull === "string" ? inFull : undefined}>
          {detail}
        </span>
      </span>
      <span className="col-start-5 row-start-1 flex items-center justify-end text-caption whitespace-nowrap text-text-3 tabular-nums">
        <span className="truncate">
          <Duration placed={placed} />
        </span>
      </span>
      <Bars placed={placed} timeline={timeline} />
      {(open || problem !== undefined) && (
        <div className="col-span-3 col-start-3 row-start-2 grid min-w-0 gap-2 pb-3">
          {problem !== undefined && (
            <ErrorDisplay
              problem={problem}
              actions={
                <>
                  {retry !== undefined && (
                    <Button kind="primary" disabled={retry.busy} onClick={retry.perform}>
                      <Icon of={RotateCcw} small />
                      {retry.label}
                    </Button>
                  )}
                  {onToggle !== undefined && <Button onClick={onToggle}>{open ? t.run.hideLog : t.run.showLog}</Button>}
                </>
              }
            >
              <p className="mt-1">{t.run.kept(keptCount(run.resources))}</p>
            </ErrorDisplay>
          )}
          {open && (
            <div>
              <StepLog label={label} events={events} resource={resource} customer={run.customer.id} live={running} />
            </div>
          )}
        </div>
      )}
    </li>
  );
}
