/** Which way a run goes: forward, back over what it made itself, or over all that a customer has. */

import type { Run, RunEvent, StepView } from "@/backend/bindings";
import { isLive, isOpen } from "@/backend/runStates";
import { type Look, STEP_LOOK } from "@/components/states";
import { MAKES } from "@/components/steps";
import type { Messages } from "@/i18n/messages";

/** `back`: what the run made is undone. `removal`: an instance is removed, whichever run made it. */
export type Direction = "forward" | "back" | "removal";

export function directionOf(run: Pick<Run, "purpose" | "undo_began_at">): Direction {
  if (run.purpose === "deprovision") return "removal";
  return run.undo_began_at === undefined ? "forward" : "back";
}

/** When a step's work ended, and when taking it away began and ended. */
export interface UndoTimes {
  worked?: string;
  began?: string;
  ended?: string;
}

/** From the events: a step's record has the times of its last change alone. */
export function undoTimes(events: readonly RunEvent[]): Map<string, UndoTimes> {
  const times = new Map<string, UndoTimes>();
  for (const { step, what, at } of events) {
    if (step === undefined || what.type !== "step") continue;
    const known = times.get(step) ?? {};
    if (what.state === "undoing") times.set(step, { worked: known.worked, began: at });
    else if (what.state === "undone" || what.state === "leftover") times.set(step, { ...known, ended: at });
    else if (what.state === "running") times.set(step, {});
    else times.set(step, { worked: at });
  }
  return times;
}

/** A step's name: the deed, or in a removal what is taken away. */
export function stepLabel(run: Pick<Run, "purpose">, { kind }: Pick<StepView, "kind">, t: Messages): string {
  const makes = MAKES[kind];
  return run.purpose === "deprovision" && makes !== undefined ? t.resource[makes.resource] : t.step[kind];
}

type RunNow = Pick<Run, "purpose" | "undo_began_at" | "state">;

/** It was under way when the run stopped: nobody is at work on it now. */
function isHalted(run: RunNow, { state }: Pick<StepView, "state">): boolean {
  return (state === "running" || state === "undoing") && !isLive(run.state);
}

/** The run goes on to no further step, unless it is tried again: what it has not done waits for nothing. A removal's is still to be removed. */
function isAtEnd(run: RunNow): boolean {
  const direction = directionOf(run);
  return direction === "back" || (direction === "forward" && !isOpen(run.state));
}

/** What became of a step that such a run left undone; none of any other step. */
export function leftUndone(run: RunNow, step: Pick<StepView, "state" | "started_at">, t: Messages): string | undefined {
  if (!isAtEnd(run)) return undefined;
  if (step.state === "pending") return step.started_at === undefined ? t.neverBegun : t.cutShort;
  return step.state === "running" && isHalted(run, step) ? t.cutShort : undefined;
}

/** It is what the run stands still for. Where the run waits for an answer, the step is put back to where it began; one that is only undone goes on with nothing. */
function needsOwner(run: RunNow, step: Pick<StepView, "state" | "error">): boolean {
  if (step.error === undefined) return false;
  return isHalted(run, step) || (run.state === "waiting" && step.state === "pending" && directionOf(run) !== "back");
}

/** A step's state in words. */
export function stepWord(run: RunNow, step: Pick<StepView, "state" | "started_at" | "error">, t: Messages): string {
  const left = leftUndone(run, step, t);
  if (left !== undefined) return left;
  if (needsOwner(run, step)) return t.instance.needs_you;
  if (isHalted(run, step)) return t.stepState.pending;
  return (directionOf(run) === "removal" ? t.removalStep[step.state] : undefined) ?? t.stepState[step.state];
}

export function stepLook(run: RunNow, step: Pick<StepView, "state" | "error">): Look {
  const halted = isHalted(run, step);
  if (needsOwner(run, step)) return { shape: "needs", tone: "warn" };
  if (isAtEnd(run) && (step.state === "pending" || (halted && step.state === "running"))) return STEP_LOOK.skipped;
  return halted ? STEP_LOOK.pending : STEP_LOOK[step.state];
}
