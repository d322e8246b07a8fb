/** The bar over the list: words, states with their counts, blueprint and plan; and what a failure brings about. */

import type { RefObject } from "react";

import type { BlueprintSummary, CustomerCounts, NameCount, StateCount } from "@/backend/bindings";
import { FilterBar, FilterInput, FilterTabs } from "@/components/FilterBar";
import { Select } from "@/components/Select";
import { INSTANCE_LOOK } from "@/components/states";
import { useI18n } from "@/i18n/I18nProvider";
import { ShortcutHint } from "@/shell/ShortcutHint";

import { type ListSearch, STATES } from "./listSearch";
import { OnFailureChoice } from "./OnFailureChoice";

/** The choice of every blueprint or plan. */
const ANY = "";

interface CustomerFiltersProps {
  search: ListSearch;
  onSearch(search: ListSearch): void;
  /** None while they are not known. */
  counts: readonly StateCount[] | undefined;
  /** Of each blueprint and plan, once they are known. */
  named: CustomerCounts | undefined;
  blueprints: readonly BlueprintSummary[];
  input: RefObject<HTMLInputElement | null>;
}

/** Names to choose from, those that some customer has though no blueprint tells of them any more too. */
function namesOf(known: readonly string[], counts: readonly NameCount[]): string[] {
  return [...new Set([...known, ...counts.map(({ name }) => name)])];
}

export function CustomerFilters({ search, onSearch, counts, named, blueprints, input }: CustomerFiltersProps) {
  const { t, language, format } = useI18n();
  const plans = new Map(blueprints.flatMap((one) => one.plans).map((plan) => [plan.name, plan.title[language]]));
  const noteOf = (list: readonly NameCount[] | undefined, name: string) =>
    list === undefined ? undefined : format.number(list.find((one) => one.name === name)?.count ?? 0);
  return (
    <FilterBar>
      <FilterInput
        label={t.customers.filter}
        words={search.q}
        onWords={(q) => onSearch({ ...search, q })}
        input={input}
        hint={<ShortcutHint of="filter" />}
      />
      <FilterTabs
        label={t.customers.stateTabs}
        tabs={[
          { value: undefined, word: t.customers.all, count: counts?.reduce((sum, { count }) => sum + count, 0) },
          ...STATES.map((state) => ({
            value: state,
            word: t.instance[state],
            look: INSTANCE_LOOK[state],
            count: counts && (counts.find((one) => one.state === state)?.count ?? 0),
          })),
        ]}
        chosen={search.state}
        onChoose={(state) => onSearch({ ...search, state })}
      />
      <span className="ml-auto flex items-center">
        <Select
          quiet
          label={t.customers.blueprint}
          value={search.blueprint ?? ANY}
          options={[
            { value: ANY, label: search.blueprint === undefined ? t.customers.blueprint : t.customers.anyBlueprint },
            ...namesOf(blueprints.map(({ name }) => name), named?.blueprints ?? []).map((name) => ({
              value: name,
              label: name,
              note: noteOf(named?.blueprints, name),
            })),
          ]}
          onChange={(blueprint) => onSearch({ ...search, blueprint: blueprint === ANY ? undefined : blueprint })}
        />
        <Select
          quiet
          label={t.customers.plan}
          value={search.plan ?? ANY}
          options={[
            { value: ANY, label: search.plan === undefined ? t.customers.plan : t.customers.anyPlan },
            ...namesOf([...plans.keys()], named?.plans ?? []).map((name) => ({
              value: name,
              label: plans.get(name) ?? name,
              note: noteOf(named?.plans, name),
            })),
          ]}
          onChange={(plan) => onSearch({ ...search, plan: plan === ANY ? undefined : plan })}
        />
        {/* Not a filter: it goes with what the rows' buttons begin. */}
        <span className="ml-1 flex border-l border-border pl-1">
          <OnFailureChoice />
        </span>
      </span>
    </FilterBar>
  );
}
