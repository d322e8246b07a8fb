/** A problem in the place where it happened: what failed, the vendor's words, what to do. */

import type { ReactNode } from "react";

import type { Problem } from "@/backend/bindings";
import { Button } from "@/components/Button";
import { classes } from "@/components/classes";
import { CopyButton } from "@/components/CopyField";
import { Countdown } from "@/components/Countdown";
import { useI18n } from "@/i18n/I18nProvider";

import { type NextAction, present } from "./presentation";
import { useNextAction } from "./useNextAction";

interface ErrorDisplayProps {
  problem: Problem;
  /** What to do, where more is known than the problem tells: in the place of its own text. */
  todo?: ReactNode;
  /** What is true now, after the problem: what exists, what goes on. */
  children?: ReactNode;
  /** What is done first; before the problem's own next action. */
  actions?: ReactNode;
  /** A next action that is of no use where this is shown. */
  here?: NextAction["kind"];
  /** The problem's own next action comes first. */
  deedFirst?: boolean;
  /** In a card: smaller, and without the button that copies. */
  compact?: boolean;
  /** It was there when the page opened: not announced. */
  quiet?: boolean;
  /** Nothing is broken by it: something is left to be seen to. */
  mild?: boolean;
}

export function ErrorDisplay({ problem, todo, children, actions, here, deedFirst, compact, quiet, mild }: ErrorDisplayProps) {
  const { t, language } = useI18n();
  const nextAction = useNextAction();
  const { severity, title, text, words, requestId, httpStatus, until, action } = present(problem, language);
  const deed = action === undefined || action.kind === here ? undefined : nextAction(action);
  const waits = mild === true || severity === "wait";
  return (
    <div
      role={quiet ? undefined : "alert"}
      className={classes(
        "min-w-0 rounded-control",
        compact ? "px-2.5 py-2 text-mono" : "px-3 py-2.5",
        waits ? "bg-warn-bg [--hole:var(--warn-bg)]" : "bg-error-bg [--hole:var(--error-bg)]",
      )}
    >
      <h3 className={classes("font-medium", compact && "text-body")}>{title}</h3>
      {words !== undefined && <p className="mono mt-1 wrap-anywhere">{words}</p>}
      {(requestId !== undefined || httpStatus !== undefined) && (
        <p className="mt-0.5 flex flex-wrap items-center gap-x-1.5 text-caption text-text-2">
          {requestId !== undefined && (
            <span className="inline-flex min-w-0 items-center gap-1">
              {t.common.request} <span className="mono min-w-0 wrap-anywhere">{requestId}</span>
              {/* What the vendor's support asks for, alone. */}
              <CopyButton kind="ghost" small text={requestId} label={requestId} />
            </span>
          )}
          {httpStatus !== undefined && <span>{`HTTP ${httpStatus}`}</span>}
        </p>
      )}
      <p className={classes("text-text-2", compact ? "mt-1" : words === undefined ? "mt-0.5" : "mt-2")}>
        {todo ?? text} {until !== undefined && <Countdown until={until} />}
      </p>
      {children}
      {(actions !== undefined || deed !== undefined || !compact) && (
        <div className="mt-2 flex flex-wrap gap-2">
          {!deedFirst && actions}
          {deed !== undefined && (
            <Button small={compact} onClick={deed.perform}>
              {deed.label}
            </Button>
          )}
          {deedFirst && actions}
          {!compact && (
            <CopyButton kind="ghost" text={reportOf(problem, title)}>
              {t.common.copyError}
            </CopyButton>
          )}
        </div>
      )}
    </div>
  );
}

/** A problem as text for a report. */
export function reportOf(problem: Problem, title: string): string {
  return `${title}\n${JSON.stringify(problem, null, 2)}`;
}
