/** A customer, with its instance. */

import { Link, useNavigate } from "@tanstack/react-router";
import { ChevronDown, ChevronUp, FileUp, ListChecks, ListTodo, Mail, Pencil, PencilLine, Play } from "lucide-react";
import { useEffect, useState } from "react";

import type { CustomerDetail, CustomerId } from "@/backend/bindings";
import { useCustomer, useNeighbours } from "@/backend/queries";
import { shortAddress } from "@/components/address";
import { Button } from "@/components/Button";
import type { CustomerAct } from "@/components/customerAct";
import { Icon } from "@/components/Icon";
import { Crumb, HeaderTitle, PageHeader, Skeleton, Split, Waiting } from "@/components/layout";
import { Menu, type MenuItem } from "@/components/Menu";
import { INSTANCE_LOOK, InstanceStatus, isUnprovisioned, seenWorking, Status } from "@/components/states";
import { Loaded } from "@/errors/Loaded";
import { useI18n } from "@/i18n/I18nProvider";
import { usePageActs } from "@/shell/PageActs";
import { ShortcutHint } from "@/shell/ShortcutHint";
import { useShortcut } from "@/shell/ShortcutProvider";

import { ActivityList } from "./ActivityList";
import { BlockedDialog } from "./BlockedDialog";
import { CustomerFacts } from "./CustomerFacts";
import { CustomerRuns } from "./CustomerRuns";
import type { CustomerSearch } from "./customerSearch";
import { DeferredDomains } from "./DeferredDomains";
import { EditCustomerDialog } from "./EditCustomerDialog";
import { EditInstanceDialog } from "./EditInstanceDialog";
import { ImportMembersDialog } from "./ImportMembersDialog";
import { InstanceCards } from "./InstanceCards";
import { lastListSearch, listOf, withoutFilter } from "./listSearch";
import { stands } from "./OnFailureChoice";
import { PendingChanges } from "./PendingChanges";
import { PlanDialog } from "./PlanDialog";
import { QuickLinks } from "./QuickLinks";
import { RemoveCustomerDialog } from "./RemoveCustomerDialog";
import { RemoveInstanceDialog } from "./RemoveInstanceDialog";
import { useCustomerAct } from "./useCustomerAct";
import { useProvision } from "./useProvision";
import { WelcomeDialog } from "./WelcomeDialog";

type Editing = "customer" | "instance" | "members" | "welcome" | "removeInstance" | "remove";

/** Something that a run of ours made, and that is neither gone nor let be: a removal would take it away. */
function hasInstance({ resources }: CustomerDetail): boolean {
  return resources.some(
    ({ origin, state, kind }) => origin === "created" && state !== "removed" && state !== "let_go" && kind !== "mail",
  );
}

/**
 * The blueprint has a repository of the customer's own, the instance has none, and no run is about to make it. Where there
 * is no instance yet, it is made with all the rest.
 */
function lacksRepository({ row, blueprint }: CustomerDetail): boolean {
  const wanted = blueprint?.steps.some(({ kind }) => kind === "github-repo") ?? false;
  const standsStill = row.state !== "setting_up" && row.state !== "needs_you" && !isUnprovisioned(row);
  return wanted && standsStill && row.github_repo_url === undefined;
}

/** The way back to the list. */
function ToCustomers() {
  const { t } = useI18n();
  return (
    <Crumb>
      <Link to="/customers" search={lastListSearch()} className="rounded-chip text-text-2 hover:text-text">
        {t.customers.title}
      </Link>
    </Crumb>
  );
}

/** The way to the customers beside this one, in the list as one left it; among all where that list has not this one. */
function Neighbours({ id }: { id: CustomerId }) {
  const { t, format } = useI18n();
  const navigate = useNavigate();
  const left = lastListSearch();
  const { data: inList } = useNeighbours(id, listOf(left));
  const isElsewhere = inList !== undefined && inList.place === undefined;
  const { data: inAll } = useNeighbours(id, listOf(withoutFilter(left)), isElsewhere);
  const data = isElsewhere ? inAll : inList;
  const go = (to: CustomerId | undefined) => {
    if (to === undefined) return false;
    void navigate({ to: "/customers/$customer", params: { customer: to } });
    return undefined;
  };
  useShortcut("next", () => go(data?.next));
  useShortcut("previous", () => go(data?.previous));
  if (data?.place === undefined) return null;
  return (
    <>
      <span className="text-caption text-text-3">{t.customers.place(format.number(data.place), format.number(data.total))}</span>
      <Button kind="ghost" icon aria-label={t.customers.previous} disabled={data.previous === undefined} onClick={() => go(data.previous)}>
        <Icon of={ChevronUp} />
      </Button>
      <Button
        kind="ghost"
        icon
        aria-label={t.customers.next}
        disabled={data.next === undefined}
        onClick={() => go(data.next)}
      >
        <Icon of={ChevronDown} />
      </Button>
    </>
  );
}

/** The instance's address, else what will be its first label. */
function addressOf({ row }: CustomerDetail): string {
  return row.production_url === undefined ? row.subdomain : shortAddress(row.production_url);
}

interface DetailProps {
  detail: CustomerDetail;
  /** The removal is open by the address. */
  removing: boolean;
  onRemoving(removing: boolean): void;
  /** What one was led here to do. */
  asked: CustomerAct | undefined;
  /** It is being done. */
  onAsked(): void;
}

function Detail({ detail, removing, onRemoving, asked, onAsked }: DetailProps) {
  const { t, format } = useI18n();
  const navigate = useNavigate();
  const provisioning = useProvision();
  const [chosen, setEditing] = useState<Editing>();
  const removal = hasInstance(detail) ? "removeInstance" : "remove";
  const editing = chosen ?? (removing ? removal : undefined);
  const close = () => {
    setEditing(undefined);
    if (removing) onRemoving(false);
  };
  const [menuOpen, setMenuOpen] = useState(false);
  useShortcut("actions", () => setMenuOpen(true));
  useShortcut("escape", () => void navigate({ to: "/customers", search: lastListSearch() }));
  const { row } = detail;
  const run = row.last_run;
  const busy = provisioning.busy !== undefined;
  // A finished customer's run adopts what is there and mends what is not: it is seen first what it would change.
  const provision = () => (stands(row) ? provisioning.showPlan(row) : provisioning.start(row));
  useEffect(() => {
    if (asked === undefined) return;
    onAsked();
    if (asked === "plan") provisioning.showPlan(row);
    else provision();
  }, [asked]);
  const known = seenWorking(detail.runs.find(({ finished_at }) => finished_at !== undefined));
  const items: MenuItem[] = [
    ...(run === undefined
      ? []
      : [{ label: t.customer.showRun, icon: ListTodo, onSelect: () => void navigate({ to: "/runs/$run", params: { run: run.id } }) }]),
    { label: t.customers.provision, icon: Play, disabled: busy, onSelect: provision },
    { label: t.plan.show, icon: ListChecks, onSelect: () => provisioning.showPlan(row) },
    { label: t.customer.edit, icon: Pencil, onSelect: () => setEditing("customer") },
    { label: t.customer.editByHand, icon: PencilLine, onSelect: () => setEditing("instance") },
    ...(detail.takes_members ? [{ label: t.importMembers.open, icon: FileUp, onSelect: () => setEditing("members") }] : []),
    { label: t.welcome.open, icon: Mail, onSelect: () => setEditing("welcome") },
    ...(hasInstance(detail)
      ? [{ label: t.removal.open, onSelect: () => setEditing("removeInstance"), danger: true }]
      : []),
    { label: t.customer.remove, onSelect: () => setEditing("remove"), danger: true },
  ];
  usePageActs(t.palette.actionsFor(row.name), items);
  return (
    <>
      <PageHeader
        title={row.name}
        actions={
          <>
            <Neighbours id={row.id} />
            <Menu
              open={menuOpen}
              onOpenChange={setMenuOpen}
              items={items}
              trigger={
                <Button>
                  {t.customer.actions}
                  <ShortcutHint of="actions" />
                </Button>
              }
            />
          </>
        }
      >
        <ToCustomers />
        <span className="truncate font-medium">{row.name}</span>
      </PageHeader>
      <Split rail={<CustomerFacts detail={detail} />}>
        <div className="min-w-0 px-6 pt-5 pb-6 wide:overflow-y-auto">
          <div className="max-w-[1120px]">
            <div className="mb-3 flex flex-wrap items-center gap-x-3">
              <h1 className="text-title font-semibold">{row.name}</h1>
              <span role="status">
                {/* Shown at once: the plan asks the vendors, and a customer that is set up has no button to say so. */}
                {busy ? <Status look={INSTANCE_LOOK.setting_up} word={t.customers.provisioning} /> : <InstanceStatus state={row.state} run={row.last_run} />}
              </span>
              <span className="text-text-3">{addressOf(detail)}</span>
            </div>
            <QuickLinks detail={detail} provisioning={provisioning} />
            <PendingChanges detail={detail} provisioning={provisioning} />
            <DeferredDomains customer={row.id} address={row.production_url} domains={detail.domains ?? []} />
            <div className="mb-2 flex min-h-6 items-center gap-2">
              <h2 className="text-heading font-semibold">{t.customer.instance}</h2>
              <span className="min-w-0 flex-1 truncate text-caption text-text-3">
                {known !== undefined && detail.cards.some(({ state }) => state === "live") && t.healthyByRun(format.moment(known, Date.now()))}
              </span>
              {detail.takes_members && (
                <Button kind="ghost" small onClick={() => setEditing("members")}>
                  <Icon of={FileUp} small />
                  {t.importMembers.open}
                </Button>
              )}
              <Button kind="ghost" small onClick={() => setEditing("instance")}>
                <Icon of={Pencil} small />
                {t.customer.editByHand}
              </Button>
            </div>
            {isUnprovisioned(row) && row.expected_seconds >= 1 && (
              <p className="mb-3 text-text-2">{t.customer.notYetText(format.duration(row.expected_seconds))}</p>
            )}
            <InstanceCards
              cards={detail.cards}
              resources={detail.resources}
              known={known}
              newest={detail.runs[0]}
              customer={row.id}
              // It is made by a whole run, e-mail and all: what that would do is seen first.
              repository={lacksRepository(detail) ? { busy, make: () => provisioning.showPlan(row) } : undefined}
            />
            {detail.runs.length > 0 && (
              <>
                <h2 className="mb-2 flex min-h-6 items-center text-heading font-semibold">{t.customer.runs}</h2>
                <CustomerRuns runs={detail.runs} name={row.name} />
              </>
            )}
            <h2 className="mb-2 flex min-h-6 items-center text-heading font-semibold">{t.customer.activity}</h2>
            <ActivityList activity={detail.activity} runs={detail.runs} />
          </div>
        </div>
      </Split>
      {editing === "customer" && <EditCustomerDialog customer={row} onClose={close} />}
      {editing === "instance" && <EditInstanceDialog customer={row} onClose={close} />}
      {editing === "members" && <ImportMembersDialog customer={row} onClose={close} />}
      {editing === "welcome" && <WelcomeDialog customer={row} onClose={close} />}
      {editing === "removeInstance" && <RemoveInstanceDialog customer={row} onClose={close} />}
      {editing === "remove" && (
        <RemoveCustomerDialog
          customer={row}
          resources={detail.resources}
          onInstance={hasInstance(detail) ? () => setEditing("removeInstance") : undefined}
          onClose={close}
        />
      )}
      <BlockedDialog provisioning={provisioning} />
      <PlanDialog provisioning={provisioning} />
    </>
  );
}

function DetailSkeleton() {
  const { t } = useI18n();
  return (
    <>
      <PageHeader title={t.customers.title}>
        <HeaderTitle>{t.customers.title}</HeaderTitle>
      </PageHeader>
      <Waiting className="grid gap-4 px-6 pt-5">
        <Skeleton className="h-7 w-64" />
        <Skeleton className="h-7 w-[480px]" />
        <div className="mt-4 grid grid-cols-3 gap-3">
          {Array.from({ length: 3 }, (_, card) => (
            <Skeleton key={card} className="h-60 rounded-card" />
          ))}
        </div>
      </Waiting>
    </>
  );
}

interface CustomerPageProps {
  id: CustomerId;
  search: CustomerSearch;
  onSearch(search: CustomerSearch): void;
}

export function CustomerPage({ id, search, onSearch }: CustomerPageProps) {
  const { t } = useI18n();
  const query = useCustomer(id);
  const [asked, onDone] = useCustomerAct(id, query.isError);
  const head = (
    <PageHeader title={t.customers.title}>
      <HeaderTitle>
        <Link to="/customers" search={lastListSearch()} className="rounded-chip hover:underline">
          {t.customers.title}
        </Link>
      </HeaderTitle>
    </PageHeader>
  );
  return (
    <Loaded query={query} skeleton={<DetailSkeleton />} head={head}>
      {(detail) => (
        <Detail
          detail={detail}
          removing={search.remove === true}
          onRemoving={(remove) => onSearch({ remove: remove || undefined })}
          asked={asked}
          onAsked={onDone}
        />
      )}
    </Loaded>
  );
}
