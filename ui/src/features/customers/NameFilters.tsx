/** Choices of a blueprint and of a plan, each with how many customers it stands for. */

import { memo } from "react";

import type { BlueprintSummary, CustomerCounts, NameCount } from "@/backend/bindings";
import { Select } from "@/components/Select";
import { useI18n } from "@/i18n/I18nProvider";

import type { ListSearch } from "./listSearch";

/** The choice of every blueprint or plan. */
const ANY = "";

type Chosen = Pick<ListSearch, "blueprint" | "plan">;

interface NameFiltersProps extends Chosen {
  /** None while they are not known. */
  counts: CustomerCounts | undefined;
  blueprints: readonly BlueprintSummary[];
  onChoose(chosen: Chosen): void;
}

/** Names to choose from, those that some customer has though no blueprint tells of them any more too. */
function namesOf(known: readonly string[], counts: readonly NameCount[]): string[] {
  return [...new Set([...known, ...counts.map(({ name }) => name)])];
}

/** A choice weighs as much as some rows of the list: it is drawn anew for what it shows, not for each letter typed beside it. */
export const NameFilters = memo(function NameFilters({ blueprint, plan, counts, blueprints, onChoose }: NameFiltersProps) {
  const { t, language, format } = useI18n();
  const plans = new Map(blueprints.flatMap((one) => one.plans).map((one) => [one.name, one.title[language]]));
  const noteOf = (list: readonly NameCount[] | undefined, name: string) =>
    list === undefined ? undefined : format.number(list.find((one) => one.name === name)?.count ?? 0);
  return (
    <>
      <Select
        quiet
        label={t.customers.blueprint}
        value={blueprint ?? ANY}
        options={[
          { value: ANY, label: blueprint === undefined ? t.customers.blueprint : t.customers.anyBlueprint },
          ...namesOf(blueprints.map(({ name }) => name), counts?.blueprints ?? []).map((name) => ({
            value: name,
            label: name,
            note: noteOf(counts?.blueprints, name),
          })),
        ]}
        onChange={(name) => onChoose({ blueprint: name === ANY ? undefined : name })}
      />
      <Select
        quiet
        label={t.customers.plan}
        value={plan ?? ANY}
        options={[
          { value: ANY, label: plan === undefined ? t.customers.plan : t.customers.anyPlan },
          ...namesOf([...plans.keys()], counts?.plans ?? []).map((name) => ({
            value: name,
            label: plans.get(name) ?? name,
            note: noteOf(counts?.plans, name),
          })),
        ]}
        onChange={(name) => onChoose({ plan: name === ANY ? undefined : name })}
      />
    </>
  );
});
