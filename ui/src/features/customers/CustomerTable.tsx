/** The customers as one dense table. Only the rows in view are drawn and asked for; the header keeps its place. */

import { useVirtualizer } from "@tanstack/react-virtual";
import { ArrowDown, ArrowUp } from "lucide-react";
import { type ReactNode, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";

import type { BlueprintSummary, CustomerId, CustomerSort, Density } from "@/backend/bindings";
import { type CustomerWindow, useDensity } from "@/backend/queries";
import { Across } from "@/components/Across";
import { classes } from "@/components/classes";
import { Icon } from "@/components/Icon";
import { Skeleton, Waiting } from "@/components/layout";
import { useKeptPlace, useKeptRow } from "@/components/listPlace";
import { planTitle } from "@/components/planTitle";
import { TickBox } from "@/components/TickBox";
import { useNow } from "@/components/useNow";
import { usePainted } from "@/components/usePainted";
import { useSteady } from "@/components/useSteady";
import { useI18n } from "@/i18n/I18nProvider";
import { usePageActs } from "@/shell/PageActs";
import { useShortcut } from "@/shell/ShortcutProvider";

import { CustomerTableRow, useRowItems } from "./CustomerTableRow";
import { listOf, type ListSearch } from "./listSearch";
import type { Selection } from "./selection";
import type { Provisioning } from "./useProvision";

/** As `--row` has it. */
const ROW_PX: Record<Density, number> = { compact: 36, comfortable: 44 };
const HEAD_PX = 32;
/** Columns that every window has room for, and what hides each of the others. */
const COLUMNS = { columns: 4, givingWay: ["max-narrow:hidden", "max-wide:hidden", "max-roomy:hidden", "max-full:hidden", "max-narrow:hidden"] };
/** Ages in the list grow by the minute. */
const MINUTE_MS = 60_000;
/** Rows drawn outside the view, so that scrolling shows no blank one. */
const OVERSCAN = 8;

interface HeadProps {
  search: ListSearch;
  onSort(sort: CustomerSort): void;
  /** The box that stands for all rows. */
  all?: ReactNode;
}

function TableHead({ search, onSort, all }: HeadProps) {
  const { t } = useI18n();
  const { columns } = t.customers;
  const sorted = search.sort ?? "updated";
  const direction = (sort: CustomerSort) => {
    if (sort !== sorted) return undefined;
    // "Updated" begins with the newest, every other column with its first.
    return (sort === "updated") !== (search.desc ?? false) ? "descending" : "ascending";
  };
  const sorter = (label: string, sort: CustomerSort) => {
    const way = direction(sort);
    return (
      <button
        type="button"
        className={classes("inline-flex h-6 items-center gap-1 rounded-chip hover:text-text", way !== undefined && "font-medium text-text")}
        onClick={() => onSort(sort)}
      >
        {label}
        {way !== undefined && <Icon of={way === "descending" ? ArrowDown : ArrowUp} small className="size-3" />}
      </button>
    );
  };
  const head = (label: string, className: string, sort?: CustomerSort) => (
    <th
      scope="col"
      aria-sort={sort && direction(sort)}
      className={classes(
        "h-8 border-b border-border px-2 text-caption font-normal whitespace-nowrap text-text-3",
        !className.includes("text-right") && "text-left",
        className,
      )}
    >
      {sort === undefined ? label : sorter(label, sort)}
    </th>
  );
  return (
    <thead className="sticky top-0 z-10 bg-surface">
      <tr>
        <th scope="col" className="h-8 w-12 border-b border-border pr-0 pl-5 text-left">
          {all ?? <span className="sr-only">{t.bulk.column}</span>}
        </th>
        {head(columns.status, "w-[126px]", "status")}
        {head(columns.name, "", "name")}
        {head(columns.stack, "w-32 max-narrow:hidden")}
        <th
          scope="col"
          aria-sort={direction("blueprint") ?? direction("plan")}
          className="h-8 w-[150px] spacious:w-[180px] border-b border-border px-2 text-left text-caption font-normal whitespace-nowrap text-text-3 max-wide:hidden"
        >
          {sorter(columns.blueprint, "blueprint")}
          <span aria-hidden className="mx-1.5">
            /
          </span>
          {sorter(columns.plan, "plan")}
        </th>
        {head(columns.lastRun, "w-[238px] spacious:w-[330px] max-full:w-[202px]")}
        {head(columns.credits, "w-[70px] text-right max-roomy:hidden", "credits")}
        {head(columns.cost, "w-[100px] text-right max-full:hidden")}
        {head(columns.updated, "w-[116px] pr-6 text-right max-narrow:hidden", "updated")}
      </tr>
    </thead>
  );
}

/** The rows before or after those that are drawn: a bar that is dragged far is a frame ahead of them, and meets no blank. */
function SpacerRow({ height }: { height: number }) {
  if (height <= 0) return null;
  return (
    <tr aria-hidden style={{ height }}>
      <Across {...COLUMNS} className="rows-to-come" />
    </tr>
  );
}

/**
 * A number for each row drawn, to be its key. When another list arrives, or the rest of one, it is written into the rows
 * that stand there; after that a row is one customer's. One that has the focus or is pressed is never handed on: what it hears next is meant for
 * its customer.
 */
function useSlots(ids: readonly CustomerId[], stage: string | undefined): ReadonlyMap<CustomerId, number> {
  const before = useRef<{ of?: string; slots: ReadonlyMap<CustomerId, number>; next: number }>({ slots: new Map(), next: 0 });
  const { of, slots: kept } = before.current;
  let { next } = before.current;
  const drawn = new Set(ids);
  const held = [...document.querySelectorAll<HTMLElement>("tr[data-customer]:is(:focus-within, :active)")].map((row) => row.dataset.customer);
  const left = stage === undefined || stage === of ? [] : [...kept].filter(([id]) => !drawn.has(id) && !held.includes(id));
  const free = left.map(([, slot]) => slot);
  const slots = new Map([...drawn].map((id) => [id, kept.get(id) ?? free.shift() ?? next++]));
  useLayoutEffect(() => {
    before.current = { of: stage ?? of, slots, next };
  });
  return slots;
}

/**
 * The rows to draw. Of another list those in view come first, for they are what is waited for: the rows beside stand as they
 * were until those are painted.
 */
function useInViewFirst(list: CustomerWindow, of: string, view: { startIndex: number; endIndex: number } | null) {
  const newest = useRef(of);
  const arrived = list.head.isPlaceholderData ? newest.current : of;
  const whole = usePainted(arrived) === arrived;
  const before = useRef(list.at);
  useLayoutEffect(() => {
    newest.current = arrived;
    if (whole) before.current = list.at;
  });
  const isDue = (index: number) => whole || view === null || (index >= view.startIndex && index <= view.endIndex);
  // One who is in view now is drawn there, wherever they stood.
  const inView = new Set<CustomerId | undefined>();
  if (!whole && view !== null) for (let index = view.startIndex; index <= view.endIndex; index += 1) inView.add(list.at(index)?.id);
  return {
    at(index: number) {
      if (isDue(index)) return list.at(index);
      const row = before.current(index);
      return inView.has(row?.id) ? undefined : row;
    },
    /** Of what list they are, and whether all of them; none while they are another's. */
    stage: list.head.isPlaceholderData ? undefined : JSON.stringify({ of, whole }),
  };
}

/** The keyboard's place in the list, from the `first` row in view on. A customer that moves takes it along. */
function useCursor(list: CustomerWindow, of: string, selection: Selection, first: () => number, show: (index: number) => void) {
  // On the way back from a customer it stands where it was left.
  const [kept, keep] = useKeptRow<CustomerId>("customers", of);
  const [stand, setStand] = useState(kept);
  useEffect(() => keep(stand), [stand, of]);
  const [actionsOf, setActionsOf] = useState<CustomerId>();
  // Whoever came by another way has the focus there, and keeps it.
  const [moved, setMoved] = useState(() => (kept !== undefined && document.activeElement === document.body ? 1 : 0));
  const known = stand?.id === undefined ? undefined : list.placeOf(stand.id);
  const index = stand === undefined ? undefined : Math.min(known ?? stand.index, Math.max(0, list.total - 1));
  const current = index === undefined ? undefined : list.at(index);

  const move = (by: number, choosing: boolean) => {
    if (list.total === 0) return false;
    const next = index === undefined ? Math.min(list.total - 1, first()) : Math.min(list.total - 1, Math.max(0, index + by));
    const row = list.at(next);
    setStand({ index: next, id: row?.id });
    show(next);
    setMoved((times) => times + 1);
    if (choosing) {
      if (current !== undefined && index !== undefined) selection.choose(current, index, true, false);
      if (row !== undefined) selection.choose(row, next, true, false);
    }
    return undefined;
  };
  useShortcut("next", () => move(1, false));
  useShortcut("previous", () => move(-1, false));
  useShortcut("chooseNext", () => move(1, true));
  useShortcut("choosePrevious", () => move(-1, true));
  useShortcut("choose", () => {
    if (current === undefined || index === undefined) return false;
    selection.choose(current, index, !selection.has(current.id), false);
    return undefined;
  });
  useShortcut("actions", () => {
    if (current === undefined) return false;
    setActionsOf(current.id);
    return undefined;
  });
  return {
    index,
    current,
    currentId: current?.id,
    stand: (id: CustomerId) => setStand({ index: list.placeOf(id) ?? 0, id }),
    actionsOf,
    setActionsOf,
    moved,
  };
}

/** A row that is on its way, as it looked before it was drawn. */
function RowSkeleton({ place }: { place: number }) {
  return (
    <tr aria-rowindex={place + 1} aria-busy>
      <Across {...COLUMNS} className="rows-to-come h-(--row)" />
    </tr>
  );
}

interface CustomerTableProps extends Pick<HeadProps, "search" | "onSort"> {
  list: CustomerWindow;
  selection: Selection;
  provisioning: Provisioning;
  blueprints: readonly BlueprintSummary[];
  /** In the place of rows, where there are none. */
  none: ReactNode;
}

export function CustomerTable({ list, selection, search, onSort, provisioning, blueprints, none }: CustomerTableProps) {
  const { t, language } = useI18n();
  const now = useNow(MINUTE_MS);
  const scroller = useRef<HTMLDivElement>(null);
  const { total } = list;
  const density = useDensity();
  const of = JSON.stringify(listOf(search));
  const virtual = useVirtualizer({
    count: total,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX[density],
    overscan: OVERSCAN,
    scrollPaddingStart: HEAD_PX,
  });
  // All places are worked out anew, a hundred thousand of them: only where a row's height has changed.
  const measured = useRef(density);
  useEffect(() => {
    if (measured.current === density) return;
    measured.current = density;
    virtual.measure();
  }, [density]);
  const firstInView = () => virtual.range?.startIndex ?? 0;
  const cursor = useCursor(list, of, selection, firstInView, (index) => virtual.scrollToIndex(index));
  const itemsOf = useRowItems(provisioning);
  // What the rows are handed stays the same while the list is scrolled: none but the new ones is drawn.
  const choose = useSteady(selection.choose);
  const stand = useSteady(cursor.stand);
  const start = useSteady(provisioning.start);
  const { busy, showPlan } = provisioning;
  const ofRows = useMemo(() => ({ busy, start, showPlan }), [busy, start, showPlan]);
  usePageActs(
    cursor.current === undefined ? t.customers.table : t.palette.actionsFor(cursor.current.name),
    cursor.current === undefined ? [] : itemsOf(cursor.current),
  );
  const items = virtual.getVirtualItems();

  // What comes into view is asked for.
  const from = items[0]?.index ?? 0;
  const to = items.at(-1)?.index ?? 0;
  useEffect(() => list.show(from, to), [from, to]);

  useKeptPlace("customers", scroller, of);

  // The row that the keyboard came to takes the focus once it is drawn.
  const focused = useRef(0);
  useEffect(() => {
    if (cursor.moved === focused.current || cursor.currentId === undefined) return;
    const link = scroller.current?.querySelector<HTMLElement>(`tr[data-customer="${CSS.escape(cursor.currentId)}"] [data-row-link]`);
    if (!link) return;
    focused.current = cursor.moved;
    link.focus({ preventScroll: true });
  });

  // One row can be reached with Tab: where the keyboard stands, else the first in view.
  const isDrawn = cursor.index !== undefined && cursor.index >= from && cursor.index <= to;
  const tabStop = isDrawn ? cursor.index : firstInView();
  // Who was chosen in another list is none of this one. Of rows that are not there nobody is known to be left out.
  const isEveryoneChosen = selection.chosen.size >= total && Array.from({ length: total }, (_, place) => list.at(place)).every((row) => row === undefined || selection.has(row.id));
  const drawn = new Set<CustomerId>();
  const rows = useInViewFirst(list, of, virtual.range);
  const slots = useSlots(
    items.flatMap(({ index }) => rows.at(index)?.id ?? []),
    rows.stage,
  );
  return (
    <div ref={scroller} className="min-h-0 flex-1 scroll-pt-8 overflow-y-auto">
      <table aria-label={t.customers.table} aria-rowcount={total + 1} className="w-full table-fixed border-separate border-spacing-0">
        <TableHead
          search={search}
          onSort={onSort}
          all={
            <TickBox
              label={t.bulk.chooseAll}
              checked={selection.chosen.size === 0 ? false : total > 0 && isEveryoneChosen ? true : "mixed"}
              onChange={(on) => (on ? selection.chooseAll() : selection.clear())}
            />
          }
        />
        <tbody>
          {total === 0 && (
            <tr>
              <Across {...COLUMNS} className="h-12 border-b border-border px-6 text-text-2">
                {none}
              </Across>
            </tr>
          )}
          <SpacerRow height={items[0]?.start ?? 0} />
          {items.map((item) => {
            const row = rows.at(item.index);
            // While one page is newer than the next, a customer may be in both: it is drawn once.
            if (row === undefined || drawn.has(row.id)) return <RowSkeleton key={`${item.key} on its way`} place={item.index + 1} />;
            drawn.add(row.id);
            return (
              <CustomerTableRow
                key={slots.get(row.id)}
                row={row}
                place={item.index + 1}
                current={cursor.index === item.index}
                tabStop={tabStop === item.index}
                chosen={selection.has(row.id)}
                onChoose={choose}
                actionsOpen={cursor.actionsOf === row.id}
                onActions={cursor.setActionsOf}
                onCurrent={stand}
                provisioning={ofRows}
                plan={planTitle(blueprints, row, language)}
                now={now}
              />
            );
          })}
          <SpacerRow height={virtual.getTotalSize() - (items.at(-1)?.end ?? 0)} />
        </tbody>
      </table>
    </div>
  );
}

/** The table's geometry while its rows are on their way. */
export function CustomerTableSkeleton({ search }: { search: ListSearch }) {
  return (
    <Waiting className="min-h-0 flex-1 overflow-hidden">
      <table className="w-full table-fixed border-separate border-spacing-0">
        <TableHead search={search} onSort={() => undefined} />
        <tbody>
          {Array.from({ length: 18 }, (_, row) => (
            <tr key={row}>
              {["", "w-20", "w-48", "w-24 max-narrow:hidden", "w-24 max-wide:hidden", "", "ml-auto w-10 max-roomy:hidden", "ml-auto w-16 max-full:hidden", "ml-auto mr-4 w-12 max-narrow:hidden"].map(
                (width, column) => (
                  <td key={column} className={classes("h-(--row) border-b border-border px-2", /max-\w+:hidden/.exec(width)?.[0])}>
                    {width !== "" && <Skeleton className={width} />}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </Waiting>
  );
}
