/** The customer list. */

import { Plus } from "lucide-react";
import { useRef, useState } from "react";

import type { CustomerPage as Page } from "@/backend/bindings";
import { useBlueprints, useCustomers } from "@/backend/queries";
import { Button } from "@/components/Button";
import { Icon } from "@/components/Icon";
import { Kbd } from "@/components/Kbd";
import { EmptyState, HeaderTitle, PageHeader } from "@/components/layout";
import { Loaded } from "@/errors/Loaded";
import { useI18n } from "@/i18n/I18nProvider";
import { keyLabel, SHORTCUTS } from "@/shell/shortcuts";
import { useShortcut } from "@/shell/ShortcutProvider";

import { BlockedDialog } from "./BlockedDialog";
import { CustomerFilters } from "./CustomerFilters";
import { CustomerTable, CustomerTableSkeleton } from "./CustomerTable";
import { ImportDialog } from "./ImportDialog";
import { isFiltered, type ListSearch, queryOf, sortedBy, withoutFilter } from "./listSearch";
import { NewCustomerDialog } from "./NewCustomerDialog";
import { useProvision } from "./useProvision";

interface CustomersPageProps {
  search: ListSearch;
  /** `kept`: as a step of its own in the window's history. */
  onSearch(search: ListSearch, kept?: boolean): void;
}

export function CustomersPage({ search, onSearch }: CustomersPageProps) {
  const { t } = useI18n();
  const query = useCustomers(queryOf(search));
  const blueprints = useBlueprints();
  const provisioning = useProvision();
  const [importing, setImporting] = useState(false);
  const filter = useRef<HTMLInputElement>(null);
  const showNew = () => onSearch({ ...search, new: true }, true);
  useShortcut("filter", () => filter.current?.focus());
  useShortcut("newCustomer", showNew);
  useShortcut("escape", () => (isFiltered(search) ? onSearch(withoutFilter(search)) : false));

  const newButton = (
    <Button kind="primary" onClick={showNew}>
      <Icon of={Plus} />
      {t.customers.new}
      <Kbd>{keyLabel(SHORTCUTS.newCustomer.keys[0] ?? "")}</Kbd>
    </Button>
  );
  const isEmpty = ({ counts }: Page) => counts.every(({ count }) => count === 0) && !isFiltered(search);

  return (
    <>
      <PageHeader
        title={t.customers.title}
        actions={
          <>
            <Button onClick={() => setImporting(true)}>{t.customers.import}</Button>
            {newButton}
          </>
        }
      >
        <HeaderTitle>{t.customers.title}</HeaderTitle>
      </PageHeader>
      <CustomerFilters
        search={search}
        onSearch={onSearch}
        counts={query.data?.counts ?? []}
        blueprints={blueprints.data ?? []}
        input={filter}
      />
      <Loaded query={query} skeleton={<CustomerTableSkeleton search={search} />}>
        {(page) =>
          isEmpty(page) ? (
            <EmptyState title={t.customers.emptyTitle} text={t.customers.emptyText}>
              {newButton}
            </EmptyState>
          ) : (
            <CustomerTable
              rows={page.customers}
              search={search}
              onSort={(sort) => onSearch(sortedBy(search, sort))}
              provisioning={provisioning}
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
      {search.new && <NewCustomerDialog onClose={() => onSearch({ ...search, new: undefined })} />}
      {importing && <ImportDialog onClose={() => setImporting(false)} />}
      <BlockedDialog provisioning={provisioning} />
    </>
  );
}
