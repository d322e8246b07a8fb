/** The bar over the list: words, states with their counts, blueprint and plan; and what a failure brings about. */

import type { UseQueryResult } from "@tanstack/react-query";
import { memo, type RefObject } from "react";

import type { BlueprintSummary, CustomerCounts } from "@/backend/bindings";
import { problemOf } from "@/backend/errors";
import { Button } from "@/components/Button";
import { FilterBar, FilterInput, FilterTabs } from "@/components/FilterBar";
import { INSTANCE_LOOK } from "@/components/states";
import { useSteady } from "@/components/useSteady";
import { present } from "@/errors/presentation";
import { useI18n } from "@/i18n/I18nProvider";
import { ShortcutHint } from "@/shell/ShortcutHint";

import { type ListSearch, STATES } from "./listSearch";
import { NameFilters } from "./NameFilters";
import { OnFailureChoice } from "./OnFailureChoice";

interface CustomerFiltersProps {
  search: ListSearch;
  onSearch(search: ListSearch): void;
  counts: UseQueryResult<CustomerCounts>;
  blueprints: readonly BlueprintSummary[];
  input: RefObject<HTMLInputElement | null>;
}

/** Not a filter, but it goes with what the rows' buttons begin. */
const OnFailure = memo(function OnFailure() {
  return (
    <span className="ml-1 flex border-l border-border pl-1">
      <OnFailureChoice />
    </span>
  );
});

/** The list is as good without them: what failed is said in small, and asked for again. */
function MissingCounts({ of }: { of: UseQueryResult }) {
  const { t, language } = useI18n();
  if (of.data !== undefined || of.error === null) return null;
  const problem = problemOf(of.error);
  return (
    <Button small kind="ghost" title={problem && present(problem, language).title} disabled={of.isFetching} onClick={() => void of.refetch()}>
      {t.customers.countsMissing}
    </Button>
  );
}

export function CustomerFilters({ search, onSearch, counts, blueprints, input }: CustomerFiltersProps) {
  const { t } = useI18n();
  const counted = counts.data;
  const choose = useSteady((chosen: Partial<ListSearch>) => onSearch({ ...search, ...chosen }));
  return (
    <FilterBar>
      <FilterInput
        label={t.customers.filter}
        words={search.q}
        onWords={(q) => choose({ q })}
        input={input}
        hint={<ShortcutHint of="filter" />}
      />
      <FilterTabs
        label={t.customers.stateTabs}
        tabs={[
          { value: undefined, word: t.customers.all, count: counted?.states.reduce((sum, { count }) => sum + count, 0) },
          ...STATES.map((state) => ({
            value: state,
            word: t.instance[state],
            look: INSTANCE_LOOK[state],
            count: counted && (counted.states.find((one) => one.state === state)?.count ?? 0),
          })),
        ]}
        chosen={search.state}
        onChoose={(state) => choose({ state })}
      />
      <MissingCounts of={counts} />
      <span className="ml-auto flex items-center">
        <NameFilters blueprint={search.blueprint} plan={search.plan} counts={counted} blueprints={blueprints} onChoose={choose} />
        <OnFailure />
      </span>
    </FilterBar>
  );
}
