/** A customer in the list. */

import { Link, useNavigate } from "@tanstack/react-router";
import { ArrowRight, ExternalLink, ListChecks, ListTodo, MoreHorizontal, Play } from "lucide-react";
import { memo } from "react";

import type { CustomerId, CustomerRow, Run } from "@/backend/bindings";
import { domainOf, linksOf } from "@/components/address";
import { Button } from "@/components/Button";
import { classes } from "@/components/classes";
import { Icon } from "@/components/Icon";
import { Menu, type MenuItem } from "@/components/Menu";
import { InstanceStatus, isUnprovisioned, runWord, seenWorking } from "@/components/states";
import { TickBox } from "@/components/TickBox";
import { useOpening } from "@/errors/useOpening";
import { useI18n } from "@/i18n/I18nProvider";

import { StackMarks } from "./StackMarks";
import type { Provisioning } from "./useProvision";

const CELL = "h-(--row) overflow-hidden border-b border-border px-2 text-ellipsis whitespace-nowrap";

/** What a row does with its customer. */
type RowProvisioning = Pick<Provisioning, "busy" | "start" | "showPlan">;

interface CustomerTableRowProps {
  row: CustomerRow;
  /** Its place in the whole list, from 1, for readers. */
  place: number;
  /** The keyboard stands here. */
  current: boolean;
  /** It can be reached with Tab. */
  tabStop: boolean;
  chosen: boolean;
  onChoose(row: CustomerRow, index: number, on: boolean, range: boolean): void;
  actionsOpen: boolean;
  onActions(customer: CustomerId | undefined): void;
  onCurrent(customer: CustomerId): void;
  provisioning: RowProvisioning;
  /** What its plan is called. */
  plan: string;
  now: number;
}

type RowActionsProps = Pick<CustomerTableRowProps, "row" | "onActions" | "provisioning">;

/** What can be done with a customer of the list. */
export function useRowItems(provisioning: RowProvisioning): (row: CustomerRow) => MenuItem[] {
  const { t } = useI18n();
  const navigate = useNavigate();
  const openLink = useOpening("link_open");
  const showRun = ({ id }: Run) => () => void navigate({ to: "/runs/$run", params: { run: id } });
  return (row) => [
    { label: t.palette.open, icon: ArrowRight, onSelect: () => void navigate({ to: "/customers/$customer", params: { customer: row.id } }) },
    ...(isUnprovisioned(row) ? [{ label: t.customers.provision, icon: Play, disabled: provisioning.busy !== undefined, onSelect: () => provisioning.start(row) }] : []),
    { label: t.plan.show, icon: ListChecks, onSelect: () => provisioning.showPlan(row) },
    ...(row.last_run === undefined ? [] : [{ label: t.customers.showRun, icon: ListTodo, onSelect: showRun(row.last_run) }]),
    ...linksOf(row).map((target) => ({
      label: t.customer.open[target],
      icon: ExternalLink,
      onSelect: () => openLink({ customer: row.id, target }),
    })),
  ];
}

/** The open menu of a row. Only that row has one: a menu in each would weigh on every move. */
function RowMenu({ row, onActions, provisioning }: RowActionsProps) {
  const { t } = useI18n();
  const items = useRowItems(provisioning)(row);
  return (
    <Menu
      open
      onOpenChange={(open) => !open && onActions(undefined)}
      items={items}
      trigger={
        <Button kind="ghost" small icon aria-label={`${t.common.moreActions}: ${row.name}`} className="absolute right-0 bg-hover">
          <Icon of={MoreHorizontal} small />
        </Button>
      }
    />
  );
}

function RowActions({ actionsOpen, ...props }: RowActionsProps & { actionsOpen: boolean }) {
  const { t } = useI18n();
  if (actionsOpen) return <RowMenu {...props} />;
  return (
    <Button
      kind="ghost"
      small
      icon
      tabIndex={-1}
      aria-haspopup="menu"
      aria-label={`${t.common.moreActions}: ${props.row.name}`}
      onClick={() => props.onActions(props.row.id)}
      className="absolute right-0 bg-hover opacity-0 group-hover:opacity-100 group-data-current:opacity-100"
    >
      <Icon of={MoreHorizontal} small />
    </Button>
  );
}

/** The newest run, quietly: how it went and when. */
function LastRun({ run, now }: { run: Run; now: number }) {
  const { t, format } = useI18n();
  return (
    <Link
      to="/runs/$run"
      params={{ run: run.id }}
      tabIndex={-1}
      title={t.customers.showRun}
      className="truncate rounded-chip text-text-3 hover:text-text hover:underline"
    >
      {`${runWord(run, t)} ${format.moment(run.finished_at ?? run.started_at, now)}`}
    </Link>
  );
}

/** How its last run ended, beside what can be done about it. */
function RunEnd({ run }: { run: Run }) {
  const { t } = useI18n();
  const word = runWord(run, t);
  return (
    <span className="truncate text-text-3" title={word}>
      {word}
    </span>
  );
}

function NextStep({ row, provisioning, now }: Pick<CustomerTableRowProps, "row" | "provisioning" | "now">) {
  const { t, format } = useI18n();
  if (isUnprovisioned(row)) {
    const busy = provisioning.busy === row.id;
    return (
      <>
        <Button
          small
          disabled={provisioning.busy !== undefined}
          aria-label={t.customers.provisionCustomer(row.name)}
          onClick={() => provisioning.start(row)}
        >
          {busy ? t.customers.provisioning : t.customers.provision}
        </Button>
        {row.last_run === undefined ? (
          row.expected_seconds >= 1 && <span className="truncate text-text-3 max-full:hidden">{t.customers.about(format.duration(row.expected_seconds))}</span>
        ) : (
          <RunEnd run={row.last_run} />
        )}
      </>
    );
  }
  if (row.last_run === undefined) return null;
  if (row.state === "active" || row.state === "paused") return <LastRun run={row.last_run} now={now} />;
  return (
    <>
      <Link
        to="/runs/$run"
        params={{ run: row.last_run.id }}
        aria-label={t.customers.showRun}
        className="inline-flex min-h-6 items-center rounded-chip font-medium text-accent hover:underline"
      >
        <span className="max-full:hidden">{t.customers.showRun}</span>
        {/* A narrow column has room for how the run ended, beside one word. */}
        <span aria-hidden className="full:hidden">
          {t.customers.showRunShort}
        </span>
      </Link>
      {(row.state === "needs_you" || row.state === "stopped") && <RunEnd run={row.last_run} />}
      {row.state === "setting_up" && row.progress !== undefined && (
        <span className="truncate text-text-3 tabular-nums">{t.customers.progress(row.progress.done, row.progress.total)}</span>
      )}
    </>
  );
}

export const CustomerTableRow = memo(function CustomerTableRow(props: CustomerTableRowProps) {
  const { row, place, current, tabStop, chosen, onChoose, onCurrent, now } = props;
  const { t, format } = useI18n();
  return (
    <tr
      aria-rowindex={place + 1}
      data-current={current || undefined}
      data-customer={row.id}
      onClick={() => onCurrent(row.id)}
      data-chosen={chosen || undefined}
      className="group -outline-offset-2 outline-ring hover:bg-hover has-[[data-row-link]:focus-visible]:outline-2 data-chosen:bg-[color-mix(in_oklab,var(--info-bg)_70%,var(--surface))] data-current:bg-hover"
    >
      <td className={classes(CELL, "pr-0 pl-5")}>
        <TickBox
          label={t.bulk.choose(row.name)}
          checked={chosen}
          tabIndex={tabStop ? 0 : -1}
          onChange={(on, shift) => onChoose(row, place - 1, on, shift)}
        />
      </td>
      <td className={CELL}>
        <InstanceStatus state={row.state} run={row.last_run} />
      </td>
      <td className={CELL}>
        {/* A domain that has no room to be read wraps out of sight. */}
        <span className="flex h-5 flex-wrap gap-x-2 overflow-hidden">
          <Link
            to="/customers/$customer"
            params={{ customer: row.id }}
            data-row-link
            tabIndex={tabStop ? 0 : -1}
            onFocus={() => onCurrent(row.id)}
            title={row.name}
            className="max-w-full truncate font-medium outline-none"
          >
            {row.name}
          </Link>
          <span className="min-w-12 flex-1 truncate text-caption leading-5 text-text-3" title={domainOf(row)}>
            {domainOf(row)}
          </span>
        </span>
      </td>
      <td className={classes(CELL, "max-narrow:hidden")}>
        <StackMarks stack={row.stack} known={seenWorking(row.last_run)} now={now} />
      </td>
      <td className={classes(CELL, "text-text-2 max-wide:hidden")} title={`${row.blueprint}, ${props.plan}`}>
        {row.blueprint}
        <span className="ml-1.5 text-caption text-text-3">{props.plan}</span>
      </td>
      <td className={CELL}>
        <div className="relative flex items-center gap-2">
          <NextStep row={row} provisioning={props.provisioning} now={now} />
          <RowActions row={row} actionsOpen={props.actionsOpen} onActions={props.onActions} provisioning={props.provisioning} />
        </div>
      </td>
      <td className={classes(CELL, "text-right text-text-2 tabular-nums max-roomy:hidden")}>{format.number(row.credits)}</td>
      <td className={classes(CELL, "text-right text-text-2 tabular-nums max-full:hidden")}>
        {row.monthly_price === undefined ? t.common.unknown : format.money(row.monthly_price)}
      </td>
      <td className={classes(CELL, "pr-6 text-right text-text-3 max-narrow:hidden")}>
        <time dateTime={row.updated_at} title={format.relative(row.updated_at, now)}>
          {format.age(row.updated_at, now)}
        </time>
      </td>
    </tr>
  );
});
