/** The customer list. */

import { Link } from "@tanstack/react-router";
import { Plus } from "lucide-react";
import { useRef, useState } from "react";

import { useCustomersAhead } from "@/backend/ahead";
import type { BlueprintSummary, CustomerPage as Page } from "@/backend/bindings";
import { useBlueprints, useCustomerCounts, useCustomerWindow, useOverview } from "@/backend/queries";
import { Button, buttonClass } from "@/components/Button";
import { Icon } from "@/components/Icon";
import { EmptyState, HeaderTitle, PageHeader } from "@/components/layout";
import { useKeepSearch } from "@/components/listPlace";
import { Loaded } from "@/errors/Loaded";
import { useI18n } from "@/i18n/I18nProvider";
import { ShortcutHint } from "@/shell/ShortcutHint";
import { useShortcut } from "@/shell/ShortcutProvider";

import { BlockedDialog } from "./BlockedDialog";
import { BulkBar } from "./BulkBar";
import { BulkProvisionDialog } from "./BulkProvisionDialog";
import { CustomerFilters } from "./CustomerFilters";
import { CustomerTable, CustomerTableSkeleton } from "./CustomerTable";
import { ExportMenu } from "./ExportMenu";
import { ImportDialog } from "./ImportDialog";
import { isFiltered, listOf, type ListSearch, sortedBy, withoutFilter } from "./listSearch";
import { NewCustomerDialog } from "./NewCustomerDialog";
import { PlanDialog } from "./PlanDialog";
import { useSelection } from "./selection";
import { useProvision } from "./useProvision";

/** One and the same while they are not known: what they are handed to is not drawn anew for it. */
const NONE: readonly BlueprintSummary[] = [];

interface CustomersPageProps {
  search: ListSearch;
  /** `kept`: as a step of its own in the window's history. */
  onSearch(search: ListSearch, kept?: boolean): void;
}

export function CustomersPage({ search, onSearch: onAddress }: CustomersPageProps) {
  const { t } = useI18n();
  const askAhead = useCustomersAhead();
  const of = JSON.stringify(listOf(search));
  const onSearch: CustomersPageProps["onSearch"] = (next, kept) => {
    if (JSON.stringify(listOf(next)) !== of) askAhead(listOf(next));
    onAddress(next, kept);
  };
  useKeepSearch("customers", search);
  const list = useCustomerWindow(listOf(search));
  const selection = useSelection(list, of);
  const blueprints = useBlueprints();
  const overview = useOverview();
  const counts = useCustomerCounts();
  const provisioning = useProvision();
  const [importing, setImporting] = useState(false);
  const [provisioningMany, setProvisioningMany] = useState(false);
  const filter = useRef<HTMLInputElement>(null);
  const showNew = () => onSearch({ ...search, new: true }, true);
  useShortcut("filter", () => filter.current?.focus());
  useShortcut("newCustomer", showNew);
  useShortcut("escape", () => {
    if (selection.chosen.size > 0) selection.clear();
    else if (isFiltered(search)) onSearch(withoutFilter(search));
    else return false;
    return undefined;
  });

  const newButton = (
    <Button kind="primary" onClick={showNew}>
      <Icon of={Plus} />
      {t.customers.new}
      <ShortcutHint of="newCustomer" />
    </Button>
  );
  // What stays of another list until this one is here tells nothing of it.
  const isEmpty = ({ total }: Page) => total === 0 && !isFiltered(search) && !list.head.isPlaceholderData;
  // What works on a list is shown where there is one, or may be one in a moment.
  const hasList = list.head.data === undefined || !isEmpty(list.head.data);

  return (
    <>
      <PageHeader
        title={t.customers.title}
        actions={
          <>
            <Button onClick={() => setImporting(true)}>{t.customers.import}</Button>
            {hasList && <ExportMenu />}
            {hasList && newButton}
          </>
        }
      >
        <HeaderTitle>{t.customers.title}</HeaderTitle>
      </PageHeader>
      {hasList && (
        <CustomerFilters
          search={search}
          onSearch={onSearch}
          counts={counts}
          blueprints={blueprints.data ?? NONE}
          input={filter}
        />
      )}
      <Loaded query={list.head} skeleton={<CustomerTableSkeleton search={search} />}>
        {(page) =>
          isEmpty(page) ? (
            <EmptyState title={t.customers.emptyTitle} text={t.customers.emptyText}>
              {newButton}
              {overview.data?.sandbox === false && (
                <Link to="/settings/$page" params={{ page: "workspaces" }} className={buttonClass({})}>
                  {t.customers.trySandbox}
                </Link>
              )}
            </EmptyState>
          ) : (
            <CustomerTable
              list={list}
              selection={selection}
              search={search}
              onSort={(sort) => onSearch(sortedBy(search, sort))}
              provisioning={provisioning}
              blueprints={blueprints.data ?? NONE}
              none={
                <span className="flex items-center gap-3">
                  {t.customers.nothingMatches}
                  <Button small onClick={() => onSearch(withoutFilter(search))}>
                    {t.customers.clearFilter}
                  </Button>
                </span>
              }
            />
          )
        }
      </Loaded>
      {selection.chosen.size > 0 && <BulkBar selection={selection} total={list.total} onProvision={() => setProvisioningMany(true)} />}
      {provisioningMany && (
        <BulkProvisionDialog
          customers={[...selection.chosen.values()]}
          onBegun={selection.clear}
          onClose={() => setProvisioningMany(false)}
        />
      )}
      {search.new && <NewCustomerDialog onClose={() => onSearch({ ...search, new: undefined })} />}
      {importing && <ImportDialog onClose={() => setImporting(false)} />}
      <BlockedDialog provisioning={provisioning} />
      <PlanDialog provisioning={provisioning} />
    </>
  );
}
