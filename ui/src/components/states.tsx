/** States of the records as shape, colour and word. The words come from the catalogues. */

import type { CredentialState, InstanceState, MarkState, RunState, StepState } from "@/backend/bindings";
import { useI18n } from "@/i18n/I18nProvider";

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
  new: { shape: "new", tone: "idle" },
  paused: { shape: "paused", tone: "idle" },
};

export const MARK_LOOK: Record<MarkState, Look> = {
  absent: { shape: "new", tone: "idle" },
  setting_up: { shape: "setup", tone: "info", turning: true },
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

export const CREDENTIAL_LOOK: Record<CredentialState, Look> = {
  missing: { shape: "unknown", tone: "idle" },
  untested: { shape: "unknown", tone: "idle" },
  works: { shape: "ok", tone: "ok" },
  expires_soon: { shape: "degraded", tone: "warn" },
  rejected: { shape: "fail", tone: "error" },
  unreachable: { shape: "degraded", tone: "warn" },
};

/** Shape, colour and word in a line. */
export function Status({ look, word, className }: { look: Look; word: string; className?: string }) {
  return (
    <span className={classes("-mt-px inline-flex items-center gap-1.5 align-middle whitespace-nowrap", toneClass(look.tone), className)}>
      <StatusShape {...look} />
      {word}
    </span>
  );
}

export function InstanceStatus({ state }: { state: InstanceState }) {
  const { t } = useI18n();
  return <Status look={INSTANCE_LOOK[state]} word={t.instance[state]} />;
}

export function RunStatus({ state }: { state: RunState }) {
  const { t } = useI18n();
  return <Status look={RUN_LOOK[state]} word={t.runState[state]} />;
}
