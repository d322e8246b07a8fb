/** The bar over the list: words, states with their counts, blueprint and plan. */

import { Search } from "lucide-react";
import { type RefObject, useEffect, useState } from "react";

import type { BlueprintSummary, CustomerCounts, NameCount, StateCount } from "@/backend/bindings";
import { Input } from "@/components/Field";
import { Icon } from "@/components/Icon";
import { Kbd } from "@/components/Kbd";
import { Select } from "@/components/Select";
import { INSTANCE_LOOK } from "@/components/states";
import { StatusShape } from "@/components/StatusShape";
import { useDebounced } from "@/components/useDebounced";
import { useI18n } from "@/i18n/I18nProvider";

import { type ListSearch, STATES } from "./listSearch";

/** How long the typing rests before the list is asked for. */
const REST_MS = 80;
/** The choice of every blueprint or plan. */
const ANY = "";

interface CustomerFiltersProps {
  search: ListSearch;
  onSearch(search: ListSearch): void;
  counts: readonly StateCount[];
  /** Of each blueprint and plan, once they are known. */
  named: CustomerCounts | undefined;
  blueprints: readonly BlueprintSummary[];
  input: RefObject<HTMLInputElement | null>;
}

const TAB =
  "inline-flex h-7 items-center gap-1.5 whitespace-nowrap rounded-control px-2 text-text-2 transition-colors duration-100 hover:bg-hover aria-current:bg-hover aria-current:font-medium aria-current:text-text";

function StateTabs({ search, onSearch, counts }: Pick<CustomerFiltersProps, "search" | "onSearch" | "counts">) {
  const { t, format } = useI18n();
  const all = counts.reduce((sum, { count }) => sum + count, 0);
  const tab = (state: ListSearch["state"], count: number) => (
    <button
      key={state ?? "all"}
      type="button"
      className={TAB}
      aria-current={search.state === state || undefined}
      onClick={() => onSearch({ ...search, state })}
    >
      {state !== undefined && <StatusShape {...INSTANCE_LOOK[state]} size={12} turning={false} />}
      {state === undefined ? t.customers.all : t.instance[state]}
      <span className="text-caption font-normal text-text-3">{format.number(count)}</span>
    </button>
  );
  return (
    <div role="group" aria-label={t.customers.stateTabs} className="flex gap-0.5 max-wide:order-last max-wide:basis-full">
      {tab(undefined, all)}
      {STATES.map((state) => tab(state, counts.find((one) => one.state === state)?.count ?? 0))}
    </div>
  );
}

/** Names to choose from, those that some customer has though no blueprint tells of them any more too. */
function namesOf(known: readonly string[], counts: readonly NameCount[]): string[] {
  return [...new Set([...known, ...counts.map(({ name }) => name)])];
}

export function CustomerFilters({ search, onSearch, counts, named, blueprints, input }: CustomerFiltersProps) {
  const { t, language, format } = useI18n();
  const [words, setWords] = useState(search.q ?? "");
  const rested = useDebounced(words, REST_MS);
  useEffect(() => {
    const q = rested.trim() === "" ? undefined : rested;
    if (q !== search.q) onSearch({ ...search, q });
    // Only what was typed starts this: the address follows it.
  }, [rested]);
  useEffect(() => {
    if (search.q === undefined) setWords("");
  }, [search.q]);

  const plans = new Map(blueprints.flatMap((one) => one.plans).map((plan) => [plan.name, plan.title[language]]));
  const noteOf = (list: readonly NameCount[] | undefined, name: string) =>
    list === undefined ? undefined : format.number(list.find((one) => one.name === name)?.count ?? 0);
  return (
    <div className="flex min-h-11 flex-none flex-wrap items-center gap-x-3 gap-y-1 border-b border-border py-1 pr-4 pl-6">
      <Input
        body
        ref={input}
        className="w-52"
        before={<Icon of={Search} small />}
        after={<Kbd>/</Kbd>}
        aria-label={t.customers.filter}
        placeholder={t.customers.filter}
        value={words}
        onChange={(event) => setWords(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== "Escape") return;
          if (words === "") event.currentTarget.blur();
          setWords("");
        }}
      />
      <StateTabs search={search} onSearch={onSearch} counts={counts} />
      <span className="ml-auto flex">
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
      </span>
    </div>
  );
}
