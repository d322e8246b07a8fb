/** What can be done with a run: go on, go back, stop. What takes something away asks first. */

import { Link } from "@tanstack/react-router";
import { ExternalLink } from "lucide-react";
import { useState } from "react";

import type { Resource, RunDetail, RunState } from "@/backend/bindings";
import { problemOf } from "@/backend/errors";
import { useCommand } from "@/backend/mutations";
import { Button, buttonClass } from "@/components/Button";
import { ProviderGlyph } from "@/components/glyphs";
import { Icon } from "@/components/Icon";
import { Question } from "@/components/Question";
import { ErrorDisplay } from "@/errors/ErrorDisplay";
import { useOpening } from "@/errors/useOpening";
import { useI18n } from "@/i18n/I18nProvider";

import { directionOf } from "./direction";

/** It stands still, with what it has made. */
const STANDS: ReadonlySet<RunState> = new Set<RunState>(["failed", "cancelled", "interrupted", "waiting"]);

/** A run that can go on, the way it went. */
export const canResume = (state: RunState) => STANDS.has(state);

/** A run whose work can be taken back: no later one lives on it. */
function canRollBack({ run, taken_over }: RunDetail): boolean {
  return directionOf(run) === "forward" && STANDS.has(run.state) && !taken_over;
}

/** States of a run that can be stopped: at once where nobody drives it, else by who does, in whichever process. */
const STOPS: ReadonlySet<RunState> = new Set<RunState>(["queued", "running", "waiting", "interrupted"]);

/** One that goes back goes on; a removal stands where it is. */
function canCancel({ run }: RunDetail): boolean {
  const direction = directionOf(run);
  return direction !== "back" && (STOPS.has(run.state) || (direction === "removal" && run.state === "undoing"));
}

/** What undoing the run would take away: what it made itself, the newest first. */
function toGo({ resources }: RunDetail): Resource[] {
  return resources
    .filter(({ origin, state, kind }) => origin === "created" && state !== "removed" && kind !== "mail")
    .toReversed();
}

/** The welcome e-mail has been sent: whoever undoes the run should know. */
function wasTold({ resources }: RunDetail): boolean {
  return resources.some(({ kind, state }) => kind === "mail" && state === "live");
}

function ToGo({ detail }: { detail: RunDetail }) {
  const { t } = useI18n();
  const going = toGo(detail);
  if (going.length === 0) return <p className="text-text-2">{t.run.nothingMade}</p>;
  return (
    <ul aria-label={t.run.goes} className="rounded-control border border-border">
      {going.map((one) => (
        <li key={one.key} className="flex items-center gap-2 px-3 py-1.5 not-first:border-t not-first:border-border">
          <ProviderGlyph provider={one.provider} small className="text-text-3" />
          <span className="flex-none">{t.resource[one.kind]}</span>
          <span className="mono ml-auto truncate pl-3 text-text-2" title={one.name}>
            {one.name}
          </span>
        </li>
      ))}
    </ul>
  );
}

type Asked = "cancel" | "rollback";

/** The buttons that stop a run or take it back. */
function StopAndBack({ detail }: { detail: RunDetail }) {
  const { t } = useI18n();
  const [asked, setAsked] = useState<Asked>();
  const cancel = useCommand("run_cancel");
  const rollBack = useCommand("run_rollback");
  const { run } = detail;
  const close = () => setAsked(undefined);
  const stop = (keep: boolean) => cancel.mutate({ run: run.id, keep }, { onSuccess: close });
  const removes = directionOf(run) === "removal";
  const undoes = !removes && run.on_failure === "rollback";
  const stands = STANDS.has(run.state);
  const cancelLabel = removes ? t.run.cancelRemoval : t.run.cancel;
  const cancelThen = removes ? t.run.cancelRemovalText : undoes ? t.run.cancelUndoes : t.run.cancelKeeps;
  const problem = problemOf(asked === "cancel" ? cancel.error : rollBack.error);
  const fault = problem !== undefined && <ErrorDisplay problem={problem} compact />;
  return (
    <>
      {canRollBack(detail) && <Button onClick={() => setAsked("rollback")}>{t.run.rollBack}</Button>}
      {canCancel(detail) && <Button onClick={() => setAsked("cancel")}>{cancelLabel}</Button>}
      <Question
        open={asked === "cancel"}
        title={removes ? t.run.cancelRemovalTitle : t.run.cancelTitle}
        text={[!stands && t.run.cancelStep, !stands && !detail.owned_here && t.run.cancelElsewhere, cancelThen, undoes && t.run.cancelAndKeepThen].filter(Boolean).join(" ")}
        no={stands ? t.run.leaveAlone : t.run.keepRunning}
        yes={cancelLabel}
        between={undoes ? { label: t.run.cancelAndKeep, onChosen: () => stop(true) } : undefined}
        busy={cancel.isPending}
        onNo={close}
        onYes={() => stop(false)}
      >
        {undoes && <ToGo detail={detail} />}
        {fault}
      </Question>
      <Question
        open={asked === "rollback"}
        title={t.run.rollBackTitle}
        text={[wasTold(detail) && t.run.rollBackTold, t.run.rollBackText].filter(Boolean).join(" ")}
        no={t.run.leaveAlone}
        yes={t.run.rollBack}
        busy={rollBack.isPending}
        onNo={close}
        onYes={() => rollBack.mutate({ run: run.id }, { onSuccess: close })}
      >
        <ToGo detail={detail} />
        {fault}
      </Question>
    </>
  );
}

/** Where a run that has ended leads. */
function EndedActions({ detail }: { detail: RunDetail }) {
  const { t } = useI18n();
  const openLink = useOpening("link_open");
  const made = directionOf(detail.run) === "forward" && detail.run.state === "succeeded";
  return (
    <>
      <Link to="/customers/$customer" params={{ customer: detail.customer.id }} className={buttonClass({})}>
        {t.run.openCustomer}
      </Link>
      {made && detail.instance_url !== undefined && (
        <Button
          kind="primary"
          title={detail.instance_url}
          onClick={() => openLink({ customer: detail.customer.id, target: "production" })}
        >
          {t.customer.open.production}
          <Icon of={ExternalLink} small />
        </Button>
      )}
    </>
  );
}

export interface Again {
  label: string;
  busy: boolean;
  perform(): void;
}

interface RunActionsProps {
  detail: RunDetail;
  /** What takes the run on; none where it can't be, or where a question comes first. */
  again: Again | undefined;
  /** Tries once more after an undo. */
  attempt: Again | undefined;
  /** One filled button on a screen: where a problem is shown, it is the problem's. */
  filled: boolean;
}

export function RunActions({ detail, again, attempt, filled }: RunActionsProps) {
  const { state } = detail.run;
  return (
    <>
      {(state === "succeeded" || state === "rolled_back") && <EndedActions detail={detail} />}
      <StopAndBack detail={detail} />
      {again !== undefined && (
        <Button kind={filled && attempt === undefined ? "primary" : "plain"} disabled={again.busy} onClick={again.perform}>
          {again.label}
        </Button>
      )}
      {attempt !== undefined && (
        <Button kind={filled ? "primary" : "plain"} disabled={attempt.busy} onClick={attempt.perform}>
          {attempt.label}
        </Button>
      )}
    </>
  );
}
