/** The bar over the list: words, states with their counts, blueprint and plan; and what a failure brings about. */

import { memo, type RefObject } from "react";

import type { BlueprintSummary, CustomerCounts } from "@/backend/bindings";
import { FilterBar, FilterInput, FilterTabs } from "@/components/FilterBar";
import { INSTANCE_LOOK } from "@/components/states";
import { useSteady } from "@/components/useSteady";
import { useI18n } from "@/i18n/I18nProvider";
import { ShortcutHint } from "@/shell/ShortcutHint";

import { type ListSearch, STATES } from "./listSearch";
import { NameFilters } from "./NameFilters";
import { OnFailureChoice } from "./OnFailureChoice";

interface CustomerFiltersProps {
  search: ListSearch;
  onSearch(search: ListSearch): void;
  /** None while they are not known. */
  counts: CustomerCounts | undefined;
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

export function CustomerFilters({ search, onSearch, counts, blueprints, input }: CustomerFiltersProps) {
  const { t } = useI18n();
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
          { value: undefined, word: t.customers.all, count: counts?.states.reduce((sum, { count }) => sum + count, 0) },
          ...STATES.map((state) => ({
            value: state,
            word: t.instance[state],
            look: INSTANCE_LOOK[state],
            count: counts && (counts.states.find((one) => one.state === state)?.count ?? 0),
          })),
        ]}
        chosen={search.state}
        onChoose={(state) => choose({ state })}
      />
      <span className="ml-auto flex items-center">
        <NameFilters blueprint={search.blueprint} plan={search.plan} counts={counts} blueprints={blueprints} onChoose={choose} />
        <OnFailure />
      </span>
    </FilterBar>
  );
}
