/** States of the records as shape, colour and word. The words come from the catalogues. */

import type { ReactNode } from "react";

import type { Credential, CredentialState, CustomerRow, InstanceState, MarkState, Run, RunState, StepState } from "@/backend/bindings";
import { useI18n } from "@/i18n/I18nProvider";
import type { Messages } from "@/i18n/messages";

import { classes } from "./classes";
import { type Shape, StatusShape, type Tone, toneClass } from "./StatusShape";

export interface Look {
  shape: Shape;
  tone: Tone;
  turning?: boolean;
}

export const INSTANCE_LOOK: Record<InstanceState, Look> = {
  needs_you: { shape: "needs", tone: "warn" },
  setting_up: { shape: "setup", tone: "info", turning: true },
  active: { shape: "ok", tone: "ok" },
  stopped: { shape: "skip", tone: "idle" },
  new: { shape: "new", tone: "idle" },
  paused: { shape: "paused", tone: "idle" },
};

export const MARK_LOOK: Record<MarkState, Look> = {
  absent: { shape: "new", tone: "idle" },
  setting_up: { shape: "setup", tone: "info", turning: true },
  deferred: { shape: "defer", tone: "idle" },
  live: { shape: "ok", tone: "ok" },
  needs_you: { shape: "needs", tone: "warn" },
};

export const RUN_LOOK: Record<RunState, Look> = {
  queued: { shape: "wait", tone: "idle" },
  running: { shape: "setup", tone: "info", turning: true },
  waiting: { shape: "needs", tone: "warn" },
  undoing: { shape: "undone", tone: "info" },
  succeeded: { shape: "done", tone: "ok" },
  failed: { shape: "fail", tone: "error" },
  rolled_back: { shape: "undone", tone: "idle" },
  leftovers: { shape: "needs", tone: "warn" },
  cancelled: { shape: "skip", tone: "idle" },
  interrupted: { shape: "needs", tone: "warn" },
};

export const STEP_LOOK: Record<StepState, Look> = {
  pending: { shape: "wait", tone: "idle" },
  running: { shape: "setup", tone: "info", turning: true },
  deferred: { shape: "defer", tone: "idle" },
  done: { shape: "done", tone: "ok" },
  adopted: { shape: "done", tone: "ok" },
  skipped: { shape: "skip", tone: "idle" },
  failed: { shape: "fail", tone: "error" },
  undoing: { shape: "undone", tone: "info" },
  undone: { shape: "undone", tone: "idle" },
  leftover: { shape: "needs", tone: "warn" },
};

const CREDENTIAL_LOOK: Record<CredentialState, Look> = {
  missing: { shape: "unknown", tone: "idle" },
  untested: { shape: "unknown", tone: "idle" },
  works: { shape: "ok", tone: "ok" },
  expires_soon: { shape: "degraded", tone: "warn" },
  rejected: { shape: "fail", tone: "error" },
  waits: { shape: "defer", tone: "warn" },
  unreachable: { shape: "degraded", tone: "warn" },
};

type CredentialStanding = Pick<Credential, "state" | "needed">;

/** One that is not set waits for its owner only where something needs it. */
const isWanted = ({ state, needed }: CredentialStanding) => state === "missing" && needed;

export function credentialLook(credential: CredentialStanding): Look {
  return isWanted(credential) ? { shape: "needs", tone: "warn" } : CREDENTIAL_LOOK[credential.state];
}

export function credentialWord(credential: CredentialStanding, t: Messages): string {
  return isWanted(credential) ? t.credentialNeeded : t.credentialState[credential.state];
}

interface StatusProps {
  look: Look;
  word: ReactNode;
  /** A sentence takes the lines that it needs. */
  wraps?: boolean;
  className?: string;
}

/** Shape, colour and word in a line. */
export function Status({ look, word, wraps = false, className }: StatusProps) {
  const shape = wraps ? "flex" : "inline-flex whitespace-nowrap";
  return (
    <span className={classes("-mt-px items-center gap-1.5 align-middle", shape, toneClass(look.tone), className)}>
      <StatusShape {...look} />
      {word}
    </span>
  );
}

interface InstanceStatusProps {
  state: InstanceState;
  /** Its newest run: one that takes something away sets nothing up. */
  run?: Pick<Run, "state" | "purpose" | "undo_began_at" | "finished_at">;
}

/**
 * When the last run saw that an instance works: at its end, where it made one. Since then nobody has looked. One that failed,
 * and what is left of it, or was rolled back, says nothing of the kind.
 */
export function seenWorking(run: Pick<Run, "state" | "purpose" | "finished_at"> | undefined): string | undefined {
  return run?.state === "succeeded" && run.purpose === "provision" ? run.finished_at : undefined;
}

export function InstanceStatus({ state, run }: InstanceStatusProps) {
  const { t, format } = useI18n();
  if (state === "setting_up" && run !== undefined && (run.purpose === "deprovision" || run.undo_began_at !== undefined)) {
    return <Status look={RUN_LOOK.undoing} word={runWord({ ...run, state: "undoing" }, t)} />;
  }
  // What has taken the instance away went well, but nothing works since.
  if (state === "stopped" && run?.purpose === "deprovision" && run.state === "succeeded") {
    return <Status look={RUN_LOOK.rolled_back} word={runWord(run, t)} />;
  }
  const status = <Status look={INSTANCE_LOOK[state]} word={t.instance[state]} />;
  if (state !== "active") return status;
  // The word is the records', not the cloud's: the hint tells by what, to readers too.
  const seen = seenWorking(run);
  const because = seen === undefined ? t.healthyByRecord : t.healthyByRun(format.moment(seen, Date.now()));
  return (
    <span title={because} className="relative">
      {status}
      <span className="sr-only">{`. ${because}`}</span>
    </span>
  );
}

/** Nothing of an instance is there, and nothing stands in the way of making one. */
export function isUnprovisioned({ state, last_run: run }: Pick<CustomerRow, "state" | "last_run">): boolean {
  return state === "new" || (state === "stopped" && run?.state !== "cancelled");
}

/** What a run's state is called; one that removes an instance has words of its own. */
export function runWord({ state, purpose }: Pick<Run, "state" | "purpose">, t: Messages): string {
  return (purpose === "deprovision" ? t.removalState[state] : undefined) ?? t.runState[state];
}

interface RunStatusProps {
  run: Pick<Run, "state" | "purpose" | "reason">;
  /** Says what a run waits for, too. */
  withReason?: boolean;
  /** Another run has taken away since what this one left over. */
  leftoversGone?: boolean;
}

export function RunStatus({ run, withReason, leftoversGone }: RunStatusProps) {
  const { t } = useI18n();
  if (run.state === "leftovers" && leftoversGone) return <Status look={RUN_LOOK.rolled_back} word={t.leftoversGone} />;
  const reason = withReason && run.state === "waiting" && run.reason !== undefined ? t.waitReason[run.reason] : undefined;
  return (
    <Status
      look={RUN_LOOK[run.state]}
      // It gives way before what stands beside it does.
      className={reason === undefined ? undefined : "min-w-0 shrink-[9999]"}
      word={
        <span className="flex min-w-0">
          <span className="flex-none">{runWord(run, t)}</span>
          {/* In a narrow window the page below says it. */}
          {reason !== undefined && (
            <span className="truncate max-narrow:sr-only" title={reason}>
              {`: ${reason}`}
            </span>
          )}
        </span>
      }
    />
  );
}
