/** A run: the product's own screen. */

import { Link } from "@tanstack/react-router";
import { ExternalLink } from "lucide-react";
import { useState } from "react";

import type { RunDetail, RunId } from "@/backend/bindings";
import { problemOf } from "@/backend/errors";
import { useCommand } from "@/backend/mutations";
import { useRun } from "@/backend/queries";
import { Button, buttonClass } from "@/components/Button";
import { Icon } from "@/components/Icon";
import { Crumb, HeaderTitle, PageHeader, Skeleton, Split } from "@/components/layout";
import { RunStatus } from "@/components/states";
import { useNow } from "@/components/useNow";
import { ErrorDisplay } from "@/errors/ErrorDisplay";
import { Loaded } from "@/errors/Loaded";
import { useI18n } from "@/i18n/I18nProvider";

import { CancelRun } from "./CancelRun";
import { MadePane } from "./MadePane";
import { RunAnnouncer } from "./RunAnnouncer";
import { RunTimeline } from "./RunTimeline";
import { elapsedOf, isLive, showsProblem } from "./timeline";

const SECOND_MS = 1000;

/** Now, by the clock that the run's times are of: it ticks here, and is set right by each answer. */
function useRunClock(detail: RunDetail): number {
  const now = useNow(SECOND_MS, isLive(detail.run.state));
  const [skew, setSkew] = useState({ told: detail.now, ms: Date.parse(detail.now) - Date.now() });
  if (skew.told !== detail.now) setSkew({ told: detail.now, ms: Date.parse(detail.now) - Date.now() });
  return Math.max(now + skew.ms, Date.parse(detail.now));
}

const RESUMABLE: ReadonlySet<RunDetail["run"]["state"]> = new Set<RunDetail["run"]["state"]>([
  "failed",
  "cancelled",
  "interrupted",
  "waiting",
]);

function EndedActions({ detail }: { detail: RunDetail }) {
  const { t } = useI18n();
  const openLink = useCommand("link_open");
  return (
    <>
      <Link to="/customers/$customer" params={{ customer: detail.customer.id }} className={buttonClass({})}>
        {t.run.openCustomer}
      </Link>
      {detail.instance_url !== undefined && (
        <Button
          kind="primary"
          title={detail.instance_url}
          onClick={() => openLink.mutate({ customer: detail.customer.id, target: "production" })}
        >
          {t.customer.open.production}
          <Icon of={ExternalLink} small />
        </Button>
      )}
    </>
  );
}

function Run({ detail }: { detail: RunDetail }) {
  const { t, format } = useI18n();
  const now = useRunClock(detail);
  const resume = useCommand("run_resume");
  const { run, customer, steps } = detail;
  const live = isLive(run.state);
  const resumable = RESUMABLE.has(run.state);
  const failed = steps.some((step) => step.state === "failed");
  const again = {
    label: failed ? t.run.retry : t.run.resume,
    busy: resume.isPending,
    perform: () => resume.mutate({ run: run.id }),
  };
  const refusal = problemOf(resume.error);
  // A problem that no step shows is shown above them.
  const shownByStep = steps.some((step) => showsProblem(run.state, step));
  return (
    <>
      <PageHeader
        title={`${t.runs.run(run.number)}, ${t.runState[run.state]}`}
        actions={
          <>
            <span className="text-caption whitespace-nowrap text-text-3 max-wide:hidden">
              {run.finished_at === undefined
                ? t.run.startedBy(run.operator, format.moment(run.started_at, now))
                : t.run.ended(format.moment(run.finished_at, now))}
            </span>
            {live && detail.owned_here && <CancelRun run={run.id} />}
            {resumable && (
              // One filled button on a screen: where a problem is shown, it is the problem's.
              <Button
                kind={shownByStep || run.error !== undefined ? "plain" : "primary"}
                disabled={again.busy}
                onClick={again.perform}
              >
                {again.label}
              </Button>
            )}
            {run.state === "succeeded" && <EndedActions detail={detail} />}
          </>
        }
      >
        <Crumb>
          <Link to="/runs" className="rounded-chip text-text-2 hover:text-text">
            {t.runs.title}
          </Link>
        </Crumb>
        <HeaderTitle>
          <Link to="/customers/$customer" params={{ customer: customer.id }} className="rounded-chip hover:underline">
            {customer.name}
          </Link>
        </HeaderTitle>
        <span className="whitespace-nowrap text-text-3 max-narrow:hidden">{t.runs.run(run.number)}</span>
        <span aria-hidden className="h-4 w-px flex-none bg-border" />
        <RunStatus state={run.state} />
        <span role="timer" aria-label={t.run.elapsed} aria-live="off" className="text-heading font-semibold tabular-nums">
          {format.clock(elapsedOf(detail, now))}
        </span>
      </PageHeader>
      {(refusal !== undefined || (run.error !== undefined && !shownByStep)) && (
        <div className="grid gap-2 border-b border-border px-6 py-3">
          {refusal !== undefined && <ErrorDisplay problem={refusal} />}
          {run.error !== undefined && !shownByStep && (
            <ErrorDisplay
              problem={run.error}
              quiet
              actions={
                resumable && (
                  <Button kind="primary" disabled={again.busy} onClick={again.perform}>
                    {again.label}
                  </Button>
                )
              }
            />
          )}
        </div>
      )}
      {run.state === "interrupted" && (
        <p className="border-b border-border bg-warn-bg px-6 py-2 text-warn">{t.run.interruptedText}</p>
      )}
      <Split rail={<MadePane run={detail} />}>
        <RunTimeline run={detail} now={now} retry={resumable ? again : undefined} />
      </Split>
      <RunAnnouncer run={detail} />
    </>
  );
}

function RunSkeleton() {
  const { t } = useI18n();
  return (
    <>
      <PageHeader title={t.runs.title}>
        <HeaderTitle>{t.runs.title}</HeaderTitle>
      </PageHeader>
      <div aria-busy aria-label={t.common.loading} className="grid gap-6 px-6 pt-12">
        {Array.from({ length: 10 }, (_, row) => (
          <Skeleton key={row} className="w-3/5" />
        ))}
      </div>
    </>
  );
}

export function RunPage({ id }: { id: RunId }) {
  const query = useRun(id);
  return (
    <Loaded query={query} skeleton={<RunSkeleton />}>
      {(detail) => <Run detail={detail} />}
    </Loaded>
  );
}
