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
  const titles = new Map(blueprints.flatMap((one) => one.plans).map((one) => [one.name, one.title[language]]));
  const choice = (of: keyof Chosen, label: string, any: string, known: readonly string[], chosen: string | undefined, counted: readonly NameCount[] | undefined) => (
    <Select
      quiet
      label={label}
      value={chosen ?? ANY}
      options={[
        { value: ANY, label: chosen === undefined ? label : any },
        ...namesOf(known, counted ?? []).map((name) => ({
          value: name,
          label: (of === "plan" && titles.get(name)) || name,
          note: counted && format.number(counted.find((one) => one.name === name)?.count ?? 0),
        })),
      ]}
      onChange={(name) => onChoose({ [of]: name === ANY ? undefined : name })}
    />
  );
  return (
    <>
      {choice("blueprint", t.customers.blueprint, t.customers.anyBlueprint, blueprints.map(({ name }) => name), blueprint, counts?.blueprints)}
      {choice("plan", t.customers.plan, t.customers.anyPlan, [...titles.keys()], plan, counts?.plans)}
    </>
  );
});
