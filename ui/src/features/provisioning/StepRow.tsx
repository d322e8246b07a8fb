/** A step on the timeline: shape, what it does, its time against the usual one, and its bar on the axis. */

import { RotateCcw } from "lucide-react";
import type { CSSProperties, ReactNode } from "react";

import type { Resource, RunDetail, RunEvent, RunState, StepView } from "@/backend/bindings";
import { isLive } from "@/backend/runStates";
import { Button } from "@/components/Button";
import { classes } from "@/components/classes";
import { Countdown } from "@/components/Countdown";
import { Icon } from "@/components/Icon";
import { StatusShape } from "@/components/StatusShape";
import { ErrorDisplay } from "@/errors/ErrorDisplay";
import { present } from "@/errors/presentation";
import { useI18n } from "@/i18n/I18nProvider";

import { Candidates, type Decide } from "./Candidates";
import { leftOf, useCovered } from "./covered";
import { directionOf, leftUndone, stepLabel, stepLook, stepWord, type UndoTimes } from "./direction";
import { sayingOf, waitsUntil } from "./logWords";
import { StepLog } from "./StepLog";
import { type Bar, isComplete, type PlacedStep, showsProblem, type Timeline } from "./timeline";

/**
 * The columns that every row and the head share. A time takes what it needs, and what it leaves is the detail's. Each row is a
 * grid of its own: the axis is as wide in all of them, by the room of the whole. It grows once the words beside it have theirs.
 */
export const GRID =
  "grid grid-cols-[116px_24px_clamp(152px,20cqw_-_44px,168px)_minmax(0,1fr)_fit-content(204px)_max(clamp(84px,100cqw_-_716px,164px),75cqw_-_591px)] gap-x-2 pr-5 pl-6 max-narrow:grid-cols-[116px_24px_160px_minmax(0,1fr)_fit-content(200px)_0px]";

const BAR: Partial<Record<StepView["state"], string>> = {
  running: "rounded-l-[2px] bg-info",
  failed: "rounded-[2px] bg-error",
  undone: "rounded-[2px] border border-border-strong",
};
/** The way back is drawn hollow. */
const BAR_BACK: Partial<Record<StepView["state"], string>> = {
  undoing: "rounded-l-[2px] border border-r-0 border-info bg-info-bg",
  leftover: "rounded-[2px] border border-warn bg-warn-bg",
};
const BAR_UNDONE = "rounded-[2px] border border-border-strong bg-hover";
/** An outline needs room for its hole: what is too short for one is a quiet stroke. */
const BAR_SHORT = "rounded-[2px] bg-border-strong/70";
const BAR_BACK_SHORT: Partial<Record<StepView["state"], string>> = {
  undoing: "rounded-[2px] bg-info",
  leftover: "rounded-[2px] bg-warn",
};
/** It was begun, or looked at, and came to nothing. */
const FRUITLESS: ReadonlySet<StepView["state"]> = new Set<StepView["state"]>(["pending", "skipped"]);
const SHORT = 0.06;
const isShort = (bar: Bar, end: number) => (bar.to - bar.from) / end < SHORT;
const BAR_DONE = "rounded-[2px] bg-[color-mix(in_oklab,var(--ok)_62%,var(--surface))]";

function usedBar(state: StepView["state"], short: boolean): string {
  return FRUITLESS.has(state) || (state === "undone" && short) ? BAR_SHORT : (BAR[state] ?? BAR_DONE);
}

function place(bar: Bar, end: number): CSSProperties {
  return { left: `${(bar.from / end) * 100}%`, width: `${((bar.to - bar.from) / end) * 100}%` };
}

function Bars({ placed, timeline }: { placed: PlacedStep; timeline: Timeline }) {
  const { step, used, expected, undo } = placed;
  const { end, ticks, now, turn, pauses } = timeline;
  return (
    <span aria-hidden className="relative col-start-6 row-span-full row-start-1 block max-narrow:hidden">
      {ticks.map((tick) => (
        <span key={tick} className="absolute inset-y-0 w-px bg-border/60" style={{ left: `${(tick / end) * 100}%` }} />
      ))}
      {pauses.map((pause) => (
        <span key={pause.from} data-pause className="still absolute inset-y-0" style={place(pause, end)} />
      ))}
      {used !== undefined && (
        <span
          data-bar="used"
          className={classes("absolute top-3.5 h-2 min-w-1", usedBar(step.state, isShort(used, end)))}
          style={place(used, end)}
        />
      )}
      {expected !== undefined && (
        <span
          data-bar="expected"
          className={classes(
            "absolute top-3.5 h-2 min-w-1",
            isShort(expected, end)
              ? "rounded-[2px] bg-border-strong/55"
              : classes("border border-dashed border-border-strong", used === undefined ? "rounded-[2px]" : "rounded-r-[2px] border-l-0"),
          )}
          style={place(expected, end)}
        />
      )}
      {undo !== undefined && (
        <span
          data-bar="undo"
          className={classes(
            "absolute top-3.5 h-2 min-w-1",
            isShort(undo, end) ? (BAR_BACK_SHORT[step.state] ?? BAR_SHORT) : (BAR_BACK[step.state] ?? BAR_UNDONE),
          )}
          style={place(undo, end)}
        />
      )}
      {turn !== undefined && (
        <span
          data-turn
          className="absolute inset-y-0 border-l border-dashed border-border-strong"
          style={{ left: `${(turn / end) * 100}%` }}
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
  /** When its undoing began and ended. */
  times: UndoTimes | undefined;
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
  decide: Decide | undefined;
}

/** Looks that find nothing new are not told of: after so long the row says since when, and that the vendor is asked all the same. */
const SILENT_MS = 20_000;

/** With more variables than this their names are cut to nothing; how many there are says more. */
const NAMED_VARIABLES = 2;

/** How many variables a step writes, where they are too many to name. */
function variableCount({ kind, name }: StepView): number | undefined {
  if (kind !== "vercel-environment" || name === undefined) return undefined;
  const count = name.split(",").length;
  return count > NAMED_VARIABLES ? count : undefined;
}

/** What a step's resource went with, where it needed no undo of its own. */
function goneWith(events: readonly RunEvent[]): string | undefined {
  const last = events.findLast(({ what }) => what.type === "removed");
  return last?.what.type === "removed" ? last.what.with : undefined;
}

/** Which attempt at it this is, from the second on, where the row tells what it does now. */
function attemptOf({ run }: RunDetail, { state, attempts }: StepView, last: RunEvent | undefined): number | undefined {
  if (state !== "failed" && !((state === "running" || state === "undoing") && isLive(run.state))) return undefined;
  const count = last?.what.type === "retrying" ? Math.max(attempts, last.what.attempt) : attempts;
  return count > 1 ? count : undefined;
}

/** What a row says beside its label, and what of it stays where the rest is cut. */
interface Detail {
  words: ReactNode;
  kept?: string;
}

function useDetail({ run, placed, times, events }: Pick<StepRowProps, "run" | "placed" | "times" | "events">): Detail {
  const { t } = useI18n();
  const words = useWords({ run, placed, times, events });
  const { step } = placed;
  const last = events.at(-1);
  // The time until which it waits is all that such a row says.
  const attempt = leftUndone(run.run, step, t) === undefined && (step.state === "failed" || waitsUntil(step, last) === undefined) ? attemptOf(run, step, last) : undefined;
  return { words, kept: attempt === undefined ? undefined : [Boolean(words) && ", ", t.run.attempt(attempt)].filter(Boolean).join("") };
}

function useWords({ run, placed, times, events }: Pick<StepRowProps, "run" | "placed" | "times" | "events">): ReactNode {
  const i18n = useI18n();
  const { t, format, language } = i18n;
  const { step } = placed;
  const direction = directionOf(run.run);
  const variables = variableCount(step);
  // A removal's steps make nothing: they are known by what they take away.
  const taken = direction === "removal" ? run.resources.find((one) => one.step === step.id)?.name : undefined;
  const name = variables === undefined ? (step.name ?? taken) : t.run.variables(variables);
  const left = leftUndone(run.run, step, t);
  if (left !== undefined) return left;
  switch (step.state) {
    case "running":
    case "undoing": {
      if (!isLive(run.run.state)) return name;
      const until = waitsUntil(step, events.at(-1));
      if (until !== undefined) return t.waitsUntil(format.until(until, Date.now()));
      const last = events.at(-1);
      const unchanged = last?.what.type === "not_yet" && Date.now() - Date.parse(last.at) >= SILENT_MS ? t.run.unchangedSince(format.timeWithSeconds(last.at)) : undefined;
      const saying = sayingOf(last, i18n) ?? (step.state === "undoing" ? stepWord(run.run, step, t) : name);
      return [saying, unchanged].filter(Boolean).join(", ");
    }
    case "failed":
      return <b className="font-medium text-error">{t.stepState.failed}</b>;
    case "leftover":
      return <b className="font-medium text-warn">{stepWord(run.run, step, t)}</b>;
    case "skipped":
      return t.stepState.skipped;
    case "deferred":
      return step.error === undefined
        ? t.stepState.deferred
        : `${t.stepState.deferred}: ${present(step.error, language).title}`;
    case "undone": {
      const cover = goneWith(events);
      const at = times?.ended ?? step.finished_at;
      if (cover !== undefined) return t.run.wentWith(cover);
      if (direction === "removal") return name;
      return [stepWord(run.run, step, t), at && format.timeWithSeconds(at)].filter(Boolean).join(" ");
    }
    case "adopted":
      return [name, direction === "forward" ? t.stepState.adopted : t.stays].filter(Boolean).join(", ");
    case "pending": {
      if (name !== undefined) return name;
      const need = step.needs.flatMap((id) => run.steps.find((one) => one.id === id) ?? []).find((one) => !isComplete(one));
      return need === undefined ? undefined : t.run.waitsFor(t.step[need.kind]);
    }
    case "done":
      return name;
  }
}

/** Seconds in whole ones. What is under way has had those that are over, as the run's own clock counts; what has ended, the nearest. */
const whole = (seconds: number, underWay: boolean) => (underWay ? Math.floor(seconds) : Math.round(seconds));

/** The time that taking it away took; less than a second says nothing. */
function UndoDuration({ run, placed }: { run: RunDetail; placed: PlacedStep }) {
  const { t, format } = useI18n();
  const { step, used, undo, worked = 0 } = placed;
  const seconds = undo === undefined ? 0 : whole(undo.to - undo.from, step.state === "undoing" && isLive(run.run.state));
  const time = format.duration(seconds);
  const strong = (words: string) => <b className="font-medium text-text">{words}</b>;
  if (directionOf(run.run) === "removal") {
    if (step.state === "undoing") return strong(time);
    return step.state !== "undone" ? null : seconds === 0 ? t.removalStep.undone : t.run.removedIn(time);
  }
  if (used === undefined) return null;
  const words: Partial<Record<StepView["state"], string>> = { undone: t.run.undoneIn(time), undoing: t.run.undoingFor(time) };
  const undone = seconds === 0 ? undefined : words[step.state];
  return (
    <>
      {strong(format.duration(worked))}
      {undone !== undefined && `${t.run.usuallyAfter}${undone}`}
    </>
  );
}

function Duration({ run, placed, events }: Pick<StepRowProps, "run" | "placed" | "events">) {
  const { t, format } = useI18n();
  const { step, used, worked = 0 } = placed;
  if (directionOf(run.run) !== "forward") return <UndoDuration run={run} placed={placed} />;
  const usual = t.run.usually(format.duration(Math.max(1, step.usual_seconds)));
  if (step.state === "skipped") return null;
  // What is usual says nothing of what nobody goes on with.
  if (leftUndone(run.run, step, t) !== undefined) return used === undefined ? null : <b className="font-medium text-text">{format.duration(worked)}</b>;
  if (used === undefined) return step.state === "pending" ? usual : null;
  const live = isLive(run.run.state);
  // How long it was under way when the run stopped is not known.
  if (step.state === "running" && !live) return usual;
  const until = step.state === "running" ? waitsUntil(step, events.at(-1)) : undefined;
  return (
    <>
      <b className="font-medium text-text">{format.duration(whole(worked, step.state === "running"))}</b>
      {until !== undefined && Date.parse(until) > Date.now() ? (
        <Countdown until={until} lead={t.run.usuallyAfter} />
      ) : (
        `${t.run.usuallyAfter}${usual}`
      )}
    </>
  );
}

/** How many resources exist now: what a failure leaves, and a new attempt goes on from. */
function keptCount(resources: readonly Resource[]): number {
  return resources.filter((resource) => resource.state === "live").length;
}

/** What is true now of what the run had made, said where its problem is shown. */
function useStanding(detail: RunDetail): string {
  const { t } = useI18n();
  const covered = useCovered(detail);
  const { run, resources } = detail;
  const words: Partial<Record<RunState, string>> = {
    undoing: t.run.beingUndone,
    rolled_back: t.run.allUndone,
    leftovers: t.run.mostUndone(leftOf(detail).filter(({ key }) => !covered.has(key)).length),
  };
  return (directionOf(run) === "back" ? words[run.state] : undefined) ?? t.run.kept(keptCount(resources));
}

export function StepRow(props: StepRowProps) {
  const { run, placed, timeline, lane, first, last, open, onToggle, events, retry, decide } = props;
  const { t } = useI18n();
  const { step } = placed;
  const { words, kept } = useDetail(props);
  const standing = useStanding(run);
  const inFull = variableCount(step) === undefined ? words : step.name;
  const look = stepLook(run.run, step);
  const label = stepLabel(run.run, step, t);
  const quiet = (step.state === "pending" && look.shape !== "needs") || step.state === "skipped" || step.state === "undone";
  const running = (step.state === "running" || step.state === "undoing") && isLive(run.run.state);
  const resource = run.resources.find((one) => one.step === step.id && one.url !== undefined);
  // Whose it is, the step knows where the problem itself doesn't say.
  const problem = step.error !== undefined && showsProblem(run.run.state, step) ? { provider: step.provider, ...step.error } : undefined;
  const asks = problem?.code === "ambiguous" && step.state !== "leftover" && decide !== undefined;
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
        <span className="sr-only">{stepWord(run.run, step, t)}</span>
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
          {words}
        </span>
        {kept !== undefined && <span className="flex-none whitespace-pre">{kept}</span>}
      </span>
      <span className="col-start-5 row-start-1 flex items-center justify-end text-caption whitespace-nowrap text-text-3 tabular-nums">
        <span className="truncate">
          <Duration run={run} placed={placed} events={events} />
        </span>
      </span>
      <Bars placed={placed} timeline={timeline} />
      {(open || problem !== undefined) && (
        <div className="col-span-3 col-start-3 row-start-2 grid min-w-0 gap-2 pb-3">
          {problem !== undefined && (
            <ErrorDisplay
              problem={problem}
              mild={step.state === "leftover"}
              actions={
                <>
                  {retry !== undefined && step.state !== "leftover" && !asks && (
                    <Button kind="primary" disabled={retry.busy} onClick={retry.perform}>
                      <Icon of={RotateCcw} small />
                      {retry.label}
                    </Button>
                  )}
                  {onToggle !== undefined && <Button onClick={onToggle}>{open ? t.run.hideLog : t.run.showLog}</Button>}
                </>
              }
            >
              {problem.code === "ambiguous" ? (
                <Candidates run={run.run.id} step={step.id} candidates={problem.candidates} decide={asks ? decide : undefined} />
              ) : (
                step.state !== "leftover" && <p className="mt-1">{standing}</p>
              )}
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
