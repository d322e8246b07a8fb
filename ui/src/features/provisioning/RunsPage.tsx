/** The runs, the newest first: found by words and states, a page at a time. */

import { Link } from "@tanstack/react-router";
import { ChevronLeft, ChevronRight } from "lucide-react";
import { type ReactNode, useRef } from "react";

import type { RunPage as Page, RunRow } from "@/backend/bindings";
import { useRuns } from "@/backend/queries";
import { isLive, isOpen } from "@/backend/runStates";
import { Across } from "@/components/Across";
import { Button, buttonClass } from "@/components/Button";
import { classes } from "@/components/classes";
import { FilterBar, FilterInput, FilterTabs } from "@/components/FilterBar";
import { Icon } from "@/components/Icon";
import { EmptyState, HeaderTitle, PageHeader, Skeleton, Waiting } from "@/components/layout";
import { useKeepSearch, useKeptPlace } from "@/components/listPlace";
import { RUN_LOOK, RunStatus } from "@/components/states";
import { useNow } from "@/components/useNow";
import { Loaded } from "@/errors/Loaded";
import { useI18n } from "@/i18n/I18nProvider";
import { ShortcutHint } from "@/shell/ShortcutHint";
import { useShortcut } from "@/shell/ShortcutProvider";

import { directionOf } from "./direction";
import { driverWord } from "./driver";
import { countOf, GROUP_NAMES, GROUPS, isFiltered, runQueryOf, type RunSearch, RUNS_PER_PAGE } from "./runSearch";

const SECOND_MS = 1000;
const CELL = "h-(--row) truncate border-b border-border px-2";
/** Columns that every window has room for, and what hides each of the others. */
const COLUMNS = { columns: 5, givingWay: ["max-wide:hidden", "max-narrow:hidden", "max-wide:hidden"] };

function Head({ children, className = "" }: { children: ReactNode; className?: string }) {
  return (
    <th scope="col" className={`h-8 border-b border-border px-2 text-left text-caption font-normal whitespace-nowrap text-text-3 ${className}`}>
      {children}
    </th>
  );
}

function TableHead() {
  const { t } = useI18n();
  const { columns } = t.runs;
  return (
    <thead className="sticky top-0 z-10 bg-surface">
      <tr>
        <Head className="w-50 pl-6">{columns.state}</Head>
        <Head>{columns.customer}</Head>
        <Head className="w-20 max-wide:w-16">{columns.run}</Head>
        <Head className="w-24 max-wide:hidden">{columns.steps}</Head>
        <Head className="w-20 text-right max-wide:w-17">{columns.time}</Head>
        <Head className="w-52 pl-6 max-wide:w-34 max-narrow:hidden">{columns.driver}</Head>
        <Head className="w-40 max-wide:hidden">{columns.operator}</Head>
        <Head className="w-30 pr-6 text-right max-wide:w-27">{columns.started}</Head>
      </tr>
    </thead>
  );
}

function Row({ run, now }: { run: RunRow; now: number }) {
  const { t, format } = useI18n();
  const driver = driverWord(run.driver, t) ?? (isOpen(run.state) ? t.runs.drivenByNobody : t.common.unknown);
  const until = run.finished_at !== undefined ? Date.parse(run.finished_at) : isLive(run.state) ? now : undefined;
  return (
    <tr className="hover:bg-hover has-[[data-run-link]:focus-visible]:bg-hover">
      <td className={`${CELL} pl-6`}>
        <RunStatus run={run} leftoversGone={run.left === 0} />
      </td>
      <td className={CELL}>
        <Link to="/runs/$run" params={{ run: run.id }} data-run-link data-inset-focus className="rounded-chip font-medium" title={run.customer_name}>
          {run.customer_name}
        </Link>
        {run.purpose === "deprovision" && (
          // In a narrow window the state says it, where it has words of its own for a removal.
          <span className={classes("ml-2 text-caption text-text-3", t.removalState[run.state] !== undefined && "max-wide:hidden")}>
            {t.runs.removes}
          </span>
        )}
      </td>
      <td className={`${CELL} text-text-2 tabular-nums`}>{run.number}</td>
      <td className={`${CELL} text-text-2 tabular-nums max-wide:hidden`}>
        {directionOf(run) === "back" ? t.common.unknown : t.runs.steps(run.steps_done, run.steps_total)}
      </td>
      <td className={`${CELL} text-right text-text-2 tabular-nums`}>
        {until === undefined ? t.common.unknown : format.clock((until - Date.parse(run.started_at)) / 1000)}
      </td>
      <td className={`${CELL} pl-6 text-text-2 max-narrow:hidden`} title={driver}>
        {driver}
      </td>
      <td className={`${CELL} text-text-2 max-wide:hidden`} title={run.operator}>
        {run.operator}
      </td>
      <td className={`${CELL} pr-6 text-right text-text-3`}>
        <time dateTime={run.started_at} title={format.day(run.started_at)}>{format.moment(run.started_at, now)}</time>
      </td>
    </tr>
  );
}

interface TableProps {
  runs: readonly RunRow[];
  search: RunSearch;
  /** In the place of rows, where there are none. */
  none: ReactNode;
}

function Table({ runs, search, none }: TableProps) {
  const { t } = useI18n();
  const now = useNow(SECOND_MS, runs.some((run) => isLive(run.state)));
  const scroller = useRef<HTMLDivElement>(null);
  const body = useRef<HTMLTableSectionElement>(null);
  useKeptPlace("runs", scroller, JSON.stringify(search));
  const headEnd = () => scroller.current?.querySelector("thead")?.getBoundingClientRect().bottom ?? 0;
  // The focus goes from row to row, from the first in view on; Enter then opens as on any link.
  const move = (by: number) => {
    const links = [...(body.current?.querySelectorAll<HTMLElement>("[data-run-link]") ?? [])];
    const at = links.indexOf(document.activeElement as HTMLElement);
    const next = at < 0 ? (links.find((link) => link.getBoundingClientRect().top >= headEnd()) ?? links[0]) : links[at + by];
    if (next === undefined) return false;
    next.focus();
    return undefined;
  };
  useShortcut("next", () => move(1));
  useShortcut("previous", () => move(-1));
  return (
    <div ref={scroller} className="min-h-0 flex-1 scroll-pt-8 overflow-y-auto">
      <table aria-label={t.runs.table} className="w-full table-fixed border-separate border-spacing-0">
        <TableHead />
        <tbody ref={body}>
          {runs.map((run) => (
            <Row key={run.id} run={run} now={now} />
          ))}
          {runs.length === 0 && (
            <tr>
              <Across {...COLUMNS} className="h-14 px-6 text-text-2">
                {none}
              </Across>
            </tr>
          )}
        </tbody>
      </table>
    </div>
  );
}

function TableSkeleton() {
  return (
    <Waiting className="min-h-0 flex-1 overflow-hidden">
      <table className="w-full table-fixed border-separate border-spacing-0">
        <TableHead />
        <tbody>
          {Array.from({ length: 12 }, (_, row) => (
            <tr key={row}>
              <Across {...COLUMNS} className={`${CELL} px-6`}>
                <Skeleton className={row % 2 === 0 ? "w-4/5" : "w-3/5"} />
              </Across>
            </tr>
          ))}
        </tbody>
      </table>
    </Waiting>
  );
}

function Pages({ total, page, onPage }: { total: number; page: number; onPage(page: number): void }) {
  const { t, format } = useI18n();
  const last = Math.max(1, Math.ceil(total / RUNS_PER_PAGE));
  if (last === 1 && page === 1) return null;
  const from = (page - 1) * RUNS_PER_PAGE + 1;
  return (
    <nav aria-label={t.runs.pages} className="flex h-11 flex-none items-center gap-1 border-t border-border pr-4 pl-6">
      <span role="status" className="flex-1 text-caption text-text-3 tabular-nums">
        {t.runs.shown(format.number(Math.min(from, total)), format.number(Math.min(from + RUNS_PER_PAGE - 1, total)), format.number(total))}
      </span>
      <Button disabled={page <= 1} onClick={() => onPage(Math.min(page - 1, last))}>
        <Icon of={ChevronLeft} small />
        {t.runs.newer}
      </Button>
      <Button disabled={page >= last} onClick={() => onPage(page + 1)}>
        {t.runs.older}
        <Icon of={ChevronRight} small />
      </Button>
    </nav>
  );
}

interface RunsPageProps {
  search: RunSearch;
  /** `kept`: as a step of its own in the window's history. */
  onSearch(search: RunSearch, kept?: boolean): void;
}

export function RunsPage({ search, onSearch }: RunsPageProps) {
  const { t } = useI18n();
  useKeepSearch("runs", search);
  const query = useRuns(runQueryOf(search));
  const filter = useRef<HTMLInputElement>(null);
  useShortcut("filter", () => filter.current?.focus());
  useShortcut("escape", () => {
    if (!isFiltered(search)) return false;
    onSearch({});
    return undefined;
  });
  const counts = query.data?.counts;
  // The bar stays while the list is on its way, so that nothing jumps when it comes.
  const isEmpty = (page: Page) => page.counts.length === 0 && !isFiltered(search);
  return (
    <>
      <PageHeader title={t.runs.title}>
        <HeaderTitle>{t.runs.title}</HeaderTitle>
      </PageHeader>
      {!(query.data && isEmpty(query.data)) && (
        <FilterBar>
          {/* Another filter begins at its first page. */}
          <FilterInput
            label={t.runs.filter}
            words={search.q}
            onWords={(q) => onSearch({ group: search.group, q })}
            input={filter}
            hint={<ShortcutHint of="filter" />}
          />
          <FilterTabs
            label={t.runs.columns.state}
            tabs={[
              { value: undefined, word: t.runs.all, count: counts && countOf(counts) },
              ...GROUP_NAMES.map((group) => ({
                value: group,
                word: t.runs.groups[group],
                look: RUN_LOOK[GROUPS[group][0]],
                count: counts && countOf(counts, group),
              })),
            ]}
            chosen={search.group}
            onChoose={(group) => onSearch({ q: search.q, group })}
          />
        </FilterBar>
      )}
      <Loaded query={query} skeleton={<TableSkeleton />}>
        {(page) =>
          isEmpty(page) ? (
            <EmptyState title={t.runs.emptyTitle} text={t.runs.emptyText}>
              <Link to="/customers" search={{}} className={buttonClass({ kind: "primary" })}>
                {t.frame.toCustomers}
              </Link>
            </EmptyState>
          ) : (
            <div aria-busy={query.isPlaceholderData || undefined} className={classes("flex min-h-0 flex-1 flex-col", query.isPlaceholderData && "text-text-3")}>
              <Table
                runs={page.runs}
                search={search}
                none={
                  <span className="flex items-center gap-3">
                    {t.runs.nothingMatches}
                    <Button small onClick={() => onSearch({})}>
                      {t.customers.clearFilter}
                    </Button>
                  </span>
                }
              />
              <Pages total={page.total} page={search.page ?? 1} onPage={(next) => onSearch({ ...search, page: next > 1 ? next : undefined }, true)} />
            </div>
          )
        }
      </Loaded>
    </>
  );
}
