/** The customers as one dense table. Only the rows in view are drawn; the header keeps its place. */

import { useVirtualizer } from "@tanstack/react-virtual";
import { ArrowDown, ArrowUp } from "lucide-react";
import { type ReactNode, useEffect, useRef, useState } from "react";

import type { CustomerId, CustomerRow, CustomerSort } from "@/backend/bindings";
import { classes } from "@/components/classes";
import { Icon } from "@/components/Icon";
import { Skeleton } from "@/components/layout";
import { useNow } from "@/components/useNow";
import { useI18n } from "@/i18n/I18nProvider";
import { useShortcut } from "@/shell/ShortcutProvider";

import { CustomerTableRow } from "./CustomerTableRow";
import type { ListSearch } from "./listSearch";
import type { Provisioning } from "./useProvision";

const ROW_PX = 36;
const HEAD_PX = 32;
const COLUMNS = 8;
/** Ages in the list grow by the minute. */
const MINUTE_MS = 60_000;
/** Rows drawn outside the view, so that scrolling shows no blank one. */
const OVERSCAN = 12;

interface HeadProps {
  search: ListSearch;
  onSort(sort: CustomerSort): void;
}

function TableHead({ search, onSort }: HeadProps) {
  const { t } = useI18n();
  const { columns } = t.customers;
  const sorted = search.sort ?? "updated";
  const head = (label: string, className: string, sort?: CustomerSort) => {
    const here = sort !== undefined && sort === sorted;
    // "Updated" begins with the newest, every other column with its first.
    const downwards = (sort === "updated") !== (search.desc ?? false);
    return (
      <th
        scope="col"
        aria-sort={here ? (downwards ? "descending" : "ascending") : undefined}
        className={classes(
          "h-8 border-b border-border px-2 text-caption whitespace-nowrap",
          !className.includes("text-right") && "text-left",
          here ? "font-medium text-text" : "font-normal text-text-3",
          className,
        )}
      >
        {sort === undefined ? (
          label
        ) : (
          <button type="button" className="inline-flex h-6 items-center gap-1 rounded-chip hover:text-text" onClick={() => onSort(sort)}>
            {label}
            {here && <Icon of={downwards ? ArrowDown : ArrowUp} small className="size-3" />}
          </button>
        )}
      </th>
    );
  };
  return (
    <thead className="sticky top-0 z-10 bg-surface">
      <tr>
        {head(columns.status, "w-[140px] pl-6", "status")}
        {head(columns.name, "", "name")}
        {head(columns.stack, "w-32")}
        {head(columns.blueprint, "w-[100px] max-wide:hidden", "blueprint")}
        <th scope="col" className="h-8 w-[232px] border-b border-border px-2">
          <span className="sr-only">{t.common.moreActions}</span>
        </th>
        {head(columns.credits, "w-[76px] text-right max-wide:hidden", "credits")}
        {head(columns.cost, "w-[108px] text-right max-wide:hidden")}
        {head(columns.updated, "w-[120px] pr-6 text-right", "updated")}
      </tr>
    </thead>
  );
}

function SpacerRow({ height }: { height: number }) {
  if (height <= 0) return null;
  return (
    <tr aria-hidden>
      <td colSpan={COLUMNS} style={{ height }} />
    </tr>
  );
}

/** The keyboard's place in the list. */
function useCursor(rows: readonly CustomerRow[], show: (index: number) => void) {
  const [currentId, setCurrentId] = useState<CustomerId>();
  const [actionsOf, setActionsOf] = useState<CustomerId>();
  const [moved, setMoved] = useState(0);
  const index = Math.max(0, rows.findIndex((row) => row.id === currentId));

  const move = (by: number) => {
    if (rows.length === 0) return false;
    const next = currentId === undefined ? 0 : Math.min(rows.length - 1, Math.max(0, index + by));
    setCurrentId(rows[next]?.id);
    show(next);
    setMoved((times) => times + 1);
    return undefined;
  };
  useShortcut("next", () => move(1));
  useShortcut("previous", () => move(-1));
  useShortcut("actions", () => {
    if (currentId === undefined) return false;
    setActionsOf(currentId);
    return undefined;
  });
  return { index, currentId, setCurrentId, actionsOf, setActionsOf, moved };
}

interface CustomerTableProps extends HeadProps {
  rows: readonly CustomerRow[];
  provisioning: Provisioning;
  /** In the place of rows, where there are none. */
  none: ReactNode;
}

export function CustomerTable({ rows, search, onSort, provisioning, none }: CustomerTableProps) {
  const { t } = useI18n();
  const now = useNow(MINUTE_MS);
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: OVERSCAN,
    scrollPaddingStart: HEAD_PX,
    getItemKey: (index) => rows[index]?.id ?? index,
  });
  const cursor = useCursor(rows, (index) => virtual.scrollToIndex(index));
  const items = virtual.getVirtualItems();

  // The row that the keyboard came to takes the focus once it is drawn.
  const focused = useRef(0);
  useEffect(() => {
    if (cursor.moved === focused.current || cursor.currentId === undefined) return;
    const link = scroller.current?.querySelector<HTMLElement>(`tr[data-customer="${CSS.escape(cursor.currentId)}"] [data-row-link]`);
    if (!link) return;
    focused.current = cursor.moved;
    link.focus({ preventScroll: true });
  });

  return (
    <div ref={scroller} className="min-h-0 flex-1 scroll-pt-8 overflow-y-auto">
      <table aria-label={t.customers.table} aria-rowcount={rows.length + 1} className="w-full table-fixed border-separate border-spacing-0">
        <TableHead search={search} onSort={onSort} />
        <tbody>
          {rows.length === 0 && (
            <tr>
              <td colSpan={COLUMNS} className="h-12 border-b border-border px-6 text-text-2">
                {none}
              </td>
            </tr>
          )}
          <SpacerRow height={items[0]?.start ?? 0} />
          {items.map((item) => {
            const row = rows[item.index];
            if (row === undefined) return null;
            return (
              <CustomerTableRow
                key={item.key}
                row={row}
                place={item.index + 1}
                current={cursor.currentId === undefined ? false : cursor.index === item.index}
                actionsOpen={cursor.actionsOf === row.id}
                onActions={cursor.setActionsOf}
                onCurrent={cursor.setCurrentId}
                provisioning={provisioning}
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
  const { t } = useI18n();
  return (
    <div aria-busy aria-label={t.common.loading} className="min-h-0 flex-1 overflow-hidden">
      <table className="w-full table-fixed border-separate border-spacing-0">
        <TableHead search={search} onSort={() => undefined} />
        <tbody>
          {Array.from({ length: 18 }, (_, row) => (
            <tr key={row}>
              {["w-20 ml-4", "w-48", "w-24", "w-16 max-wide:hidden", "", "ml-auto w-10 max-wide:hidden", "ml-auto w-16 max-wide:hidden", "ml-auto mr-4 w-12"].map(
                (width, column) => (
                  <td key={column} className={classes("h-9 border-b border-border px-2", width.includes("max-wide") && "max-wide:hidden")}>
                    {width !== "" && <Skeleton className={width} />}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
