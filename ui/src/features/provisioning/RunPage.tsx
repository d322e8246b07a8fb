/** A run: the product's own screen. */

import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";

import type { Customer, CustomerId, Run, RunDetail, RunId } from "@/backend/bindings";
import { problemOf } from "@/backend/errors";
import { useCommand } from "@/backend/mutations";
import { useNewestRun, useRun } from "@/backend/queries";
import { isLive } from "@/backend/runStates";
import { Button } from "@/components/Button";
import { Crumb, HeaderTitle, PageHeader, Skeleton, Split, Waiting } from "@/components/layout";
import { RunStatus, runWord } from "@/components/states";
import { useNow } from "@/components/useNow";
import { ErrorDisplay } from "@/errors/ErrorDisplay";
import { Loaded } from "@/errors/Loaded";
import { useI18n } from "@/i18n/I18nProvider";
import { usePageActs } from "@/shell/PageActs";
import { useShortcut } from "@/shell/ShortcutProvider";

import type { Decide } from "./Candidates";
import { directionOf } from "./direction";
import { MadePane } from "./MadePane";
import { type Again, canResume, RunActions } from "./RunActions";
import { RunAnnouncer } from "./RunAnnouncer";
import { RunTimeline } from "./RunTimeline";
import { lastRunSearch } from "./runSearch";
import { elapsedOf, showsProblem } from "./timeline";

const SECOND_MS = 1000;

/** Now, by the clock that the run's times are of: it ticks here, and is set right by each answer. */
function useRunClock(detail: RunDetail): number {
  const now = useNow(SECOND_MS, isLive(detail.run.state));
  const [skew, setSkew] = useState({ told: detail.now, ms: Date.parse(detail.now) - Date.now() });
  if (skew.told !== detail.now) setSkew({ told: detail.now, ms: Date.parse(detail.now) - Date.now() });
  return Math.max(now + skew.ms, Date.parse(detail.now));
}

/** What takes the run on from where it stands: forward, back, or at what was left over. */
function useAgain({ run, steps, superseded, taken_over, renamed }: RunDetail) {
  const { t } = useI18n();
  const resume = useCommand("run_resume");
  const rollBack = useCommand("run_rollback");
  const direction = directionOf(run);
  const words = {
    forward: steps.some((step) => step.state === "failed") ? t.run.retry : t.run.resume,
    back: t.run.resumeUndo,
    removal: t.run.resumeRemoval,
  };
  const again: Again | undefined = renamed !== undefined || (superseded && (canResume(run.state) || direction === "removal"))
    ? undefined
    : canResume(run.state)
    ? { label: words[direction], busy: resume.isPending, perform: () => resume.mutate({ run: run.id }) }
    : run.state === "leftovers" && !taken_over
      ? { label: t.run.retryRemoval, busy: rollBack.isPending, perform: () => rollBack.mutate({ run: run.id }) }
      : undefined;
  return { again, refusal: problemOf(resume.error ?? rollBack.error) };
}

/** Begins runs of a customer's blueprint: planned first, and not begun where something is in the way. */
export interface NewRuns {
  /** Whose plan is being made. */
  busy: CustomerId | undefined;
  start(customer: Customer): void;
}

/**
 * Another try after an undo, or where the run would name things by a subdomain that the customer has no more: a run of its own,
 * which adopts what is left. Not where there is a later run already.
 */
function useAttempt({ run, customer, taken_over, renamed }: RunDetail, newRuns: NewRuns): Again | undefined {
  const { t } = useI18n();
  const undone = directionOf(run) === "back" && (run.state === "rolled_back" || run.state === "leftovers") && !taken_over;
  const over = undone || renamed !== undefined;
  const { data: newest } = useNewestRun(customer.id, over);
  if (!over || newest?.id !== run.id) return undefined;
  const busy = newRuns.busy !== undefined;
  return { label: busy ? t.customers.provisioning : t.run.newAttempt, busy, perform: () => newRuns.start(customer) };
}

/** Answers a step's question, where the run waits for the answer. */
function useDecide({ run }: RunDetail) {
  const command = useCommand("run_decide");
  const decide: Decide | undefined =
    run.state === "waiting" && run.reason === "needs_decision"
      ? { busy: command.isPending, perform: (step, decision) => command.mutate({ run: run.id, step, decision }) }
      : undefined;
  return { decide, refusal: problemOf(command.error) };
}

/** What the whole run stands at, in a line under the header, where the steps alone don't say it. */
function Standing({ run }: { run: Run }) {
  const { t } = useI18n();
  const direction = directionOf(run);
  if (run.state === "interrupted") {
    const text = { forward: t.run.interruptedText, back: t.run.interruptedUndo, removal: t.run.interruptedRemoval }[direction];
    return <p className="border-b border-border bg-warn-bg px-6 py-2 text-warn">{text}</p>;
  }
  if (run.state !== "undoing") return null;
  return (
    <p className="border-b border-border bg-info-bg px-6 py-2 text-text-2">
      {direction === "removal" ? t.run.removalText : t.run.undoingText}
    </p>
  );
}

/** The way back to the list. */
function ToRuns() {
  const { t } = useI18n();
  return (
    <Crumb>
      <Link to="/runs" search={lastRunSearch()} className="rounded-chip text-text-2 hover:text-text">
        {t.runs.title}
      </Link>
    </Crumb>
  );
}

function Page({ detail, newRuns }: { detail: RunDetail; newRuns: NewRuns }) {
  const { t, format } = useI18n();
  const now = useRunClock(detail);
  const { run, customer, steps } = detail;
  // Of a run that a later one has replaced, that is why it can't be gone on with.
  const renamed = detail.superseded ? undefined : detail.renamed;
  const { again, refusal } = useAgain(detail);
  const attempt = useAttempt(detail, newRuns);
  const { decide, refusal: undecided } = useDecide(detail);
  // Where no step says that it left anything, secrets of the run are still there.
  const leftoversGone = steps.some(({ state }) => state === "leftover") && detail.resources.every(({ state }) => state !== "leftover");
  // A problem that no step shows is shown above them.
  const shownByStep = steps.some((step) => showsProblem(run.state, step));
  const bare = run.error !== undefined && !shownByStep;
  // While a question is open, its answer is what takes the run on.
  const offered = decide === undefined ? again : undefined;
  const first = attempt ?? offered;
  // Beside a new attempt, what was left over has its button in the list of it.
  const isListed = attempt !== undefined && detail.resources.some(({ state }) => state === "leftover");
  // A new attempt is offered at what failed, not at what was left over.
  const filledByStep = steps.some((step) => showsProblem(run.state, step) && (attempt === undefined || step.state !== "leftover"));
  const navigate = useNavigate();
  useShortcut("escape", () => void navigate({ to: "/runs", search: lastRunSearch() }));
  const removes = run.state === "leftovers" || directionOf(run) !== "forward";
  usePageActs(`${t.runs.run(run.number)}, ${customer.name}`, [
    ...(attempt === undefined ? [] : [{ label: attempt.label, disabled: attempt.busy, onSelect: attempt.perform }]),
    ...(offered === undefined ? [] : [{ label: offered.label, disabled: offered.busy, danger: removes, onSelect: offered.perform }]),
    { label: t.run.openCustomer, onSelect: () => void navigate({ to: "/customers/$customer", params: { customer: customer.id } }) },
  ]);
  return (
    <>
      <PageHeader
        title={`${t.runs.run(run.number)}, ${runWord(run, t)}`}
        actions={
          <>
            <span className="text-caption whitespace-nowrap text-text-3 max-wide:hidden">
              {run.finished_at === undefined
                ? t.run.startedBy(run.operator, format.moment(run.started_at, now))
                : t.run.ended(format.moment(run.finished_at, now))}
            </span>
            <RunActions detail={detail} again={isListed ? undefined : offered} attempt={attempt} filled={!filledByStep && !bare} />
          </>
        }
      >
        <ToRuns />
        <HeaderTitle>
          <Link to="/customers/$customer" params={{ customer: customer.id }} className="rounded-chip hover:underline">
            {customer.name}
          </Link>
        </HeaderTitle>
        <span className="whitespace-nowrap text-text-3 max-wide:hidden">
          {run.purpose === "deprovision" ? t.runs.removal(run.number) : t.runs.run(run.number)}
        </span>
        <span aria-hidden className="h-4 w-px flex-none bg-border" />
        <RunStatus run={run} withReason leftoversGone={leftoversGone} />
        <span role="timer" aria-label={t.run.elapsed} aria-live="off" className="text-heading font-semibold tabular-nums">
          {format.clock(elapsedOf(detail, now))}
        </span>
      </PageHeader>
      {(renamed !== undefined || refusal !== undefined || undecided !== undefined || bare) && (
        <div className="grid gap-2 border-b border-border px-6 py-3">
          {renamed !== undefined && <ErrorDisplay problem={renamed} quiet mild />}
          {refusal !== undefined && <ErrorDisplay problem={refusal} />}
          {undecided !== undefined && <ErrorDisplay problem={undecided} />}
          {bare && run.error !== undefined && (
            <ErrorDisplay
              problem={run.error}
              quiet
              actions={
                first !== undefined && (
                  <Button kind="primary" disabled={first.busy} onClick={first.perform}>
                    {first.label}
                  </Button>
                )
              }
            />
          )}
        </div>
      )}
      <Standing run={run} />
      <Split rail={<MadePane run={detail} retry={run.state === "leftovers" ? again : undefined} />}>
        <RunTimeline
          run={detail}
          now={now}
          retry={attempt ?? (canResume(run.state) && directionOf(run) === "forward" ? offered : undefined)}
          decide={decide}
        />
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
      <Waiting className="grid gap-6 px-6 pt-12">
        {Array.from({ length: 10 }, (_, row) => (
          <Skeleton key={row} className="w-3/5" />
        ))}
      </Waiting>
    </>
  );
}

interface RunPageProps {
  id: RunId;
  newRuns: NewRuns;
}

export function RunPage({ id, newRuns }: RunPageProps) {
  const { t } = useI18n();
  const query = useRun(id);
  const head = (
    <PageHeader title={t.runs.title}>
      <HeaderTitle>
        <Link to="/runs" search={lastRunSearch()} className="rounded-chip hover:underline">
          {t.runs.title}
        </Link>
      </HeaderTitle>
    </PageHeader>
  );
  return (
    <Loaded query={query} skeleton={<RunSkeleton />} head={head}>
      {(detail) => <Page detail={detail} newRuns={newRuns} />}
    </Loaded>
  );
}
