/** The runs, the newest first. */

import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

import type { RunRow } from "@/backend/bindings";
import { useRuns } from "@/backend/queries";
import { EmptyState, HeaderTitle, PageHeader, Skeleton } from "@/components/layout";
import { RunStatus } from "@/components/states";
import { useNow } from "@/components/useNow";
import { Loaded } from "@/errors/Loaded";
import { useI18n } from "@/i18n/I18nProvider";

import { directionOf } from "./direction";
import { isLive } from "./runState";

const SECOND_MS = 1000;
const CELL = "h-9 truncate border-b border-border px-2";

function Head({ children, className = "" }: { children: ReactNode; className?: string }) {
  return (
    <th scope="col" className={`h-8 border-b border-border px-2 text-left text-caption font-normal whitespace-nowrap text-text-3 ${className}`}>
      {children}
    </th>
  );
}

function Row({ run, now }: { run: RunRow; now: number }) {
  const { t, format } = useI18n();
  const until = run.finished_at !== undefined ? Date.parse(run.finished_at) : isLive(run.state) ? now : undefined;
  return (
    <tr className="hover:bg-hover">
      <td className={`${CELL} pl-6`}>
        <RunStatus run={run} />
      </td>
      <td className={CELL}>
        <Link to="/runs/$run" params={{ run: run.id }} data-inset-focus className="rounded-chip font-medium">
          {run.customer_name}
        </Link>
      </td>
      <td className={`${CELL} text-text-2`}>{run.purpose === "deprovision" ? t.runs.removal(run.number) : t.runs.run(run.number)}</td>
      <td className={`${CELL} text-text-2`}>
        {directionOf(run) === "back" ? t.common.unknown : t.runs.steps(run.steps_done, run.steps_total)}
      </td>
      <td className={`${CELL} text-right text-text-2 tabular-nums`}>
        {until === undefined ? t.common.unknown : format.clock((until - Date.parse(run.started_at)) / 1000)}
      </td>
      <td className={`${CELL} pl-6 text-text-2 max-wide:hidden`}>{run.operator}</td>
      <td className={`${CELL} pr-6 text-right text-text-3`}>
        <time dateTime={run.started_at}>{format.moment(run.started_at, now)}</time>
      </td>
    </tr>
  );
}

function Table({ runs }: { runs: readonly RunRow[] }) {
  const { t } = useI18n();
  const now = useNow(SECOND_MS, runs.some((run) => isLive(run.state)));
  const { columns } = t.runs;
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <table aria-label={t.runs.table} className="w-full table-fixed border-separate border-spacing-0">
        <thead className="sticky top-0 z-10 bg-surface">
          <tr>
            <Head className="w-48 pl-6">{columns.state}</Head>
            <Head>{columns.customer}</Head>
            <Head className="w-32">{columns.run}</Head>
            <Head className="w-28">{columns.steps}</Head>
            <Head className="w-20 text-right">{columns.time}</Head>
            <Head className="w-48 pl-6 max-wide:hidden">{columns.operator}</Head>
            <Head className="w-40 pr-6 text-right">{columns.started}</Head>
          </tr>
        </thead>
        <tbody>
          {runs.map((run) => (
            <Row key={run.id} run={run} now={now} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

export function RunsPage() {
  const { t } = useI18n();
  const query = useRuns(null);
  return (
    <>
      <PageHeader title={t.runs.title}>
        <HeaderTitle>{t.runs.title}</HeaderTitle>
      </PageHeader>
      <Loaded
        query={query}
        skeleton={
          <div aria-busy aria-label={t.common.loading} className="grid gap-6 px-6 pt-12">
            {Array.from({ length: 8 }, (_, row) => (
              <Skeleton key={row} className="w-4/5" />
            ))}
          </div>
        }
      >
        {(runs) =>
          runs.length === 0 ? <EmptyState title={t.runs.emptyTitle} text={t.runs.emptyText} /> : <Table runs={runs} />
        }
      </Loaded>
    </>
  );
}
