/** What becomes of what a run has made if a step fails: chosen where one provisions, and remembered. */

import { useSyncExternalStore } from "react";

import type { Customer, OnFailure } from "@/backend/bindings";
import { Select } from "@/components/Select";
import { useI18n } from "@/i18n/I18nProvider";

const KEPT = "fabrik.onFailure";
const CHOICES: readonly OnFailure[] = ["rollback", "keep"];
const watchers = new Set<() => void>();

function remembered(): OnFailure {
  return CHOICES.find((choice) => choice === localStorage.getItem(KEPT)) ?? "rollback";
}

/** Whether an instance of the customer's stands, as Rust tells it: a run would change it rather than make it. */
export function stands({ status, production_url }: Pick<Customer, "status" | "production_url">): boolean {
  return status === "active" || (status === "inactive" && production_url !== undefined);
}

/** The choice for first runs, the same wherever it is shown. */
export function useOnFailure(): [OnFailure, (choice: OnFailure) => void] {
  const choice = useSyncExternalStore((changed) => {
    watchers.add(changed);
    return () => watchers.delete(changed);
  }, remembered);
  return [
    choice,
    (next) => {
      localStorage.setItem(KEPT, next);
      for (const changed of watchers) changed();
    },
  ];
}

interface OnFailureChoiceProps {
  /** Of this place alone, in the place of the one that is remembered. */
  own?: readonly [OnFailure, (choice: OnFailure) => void] | undefined;
}

export function OnFailureChoice({ own }: OnFailureChoiceProps) {
  const { t } = useI18n();
  const remembered = useOnFailure();
  const [choice, choose] = own ?? remembered;
  return (
    <Select
      quiet
      lead={t.onFailure.lead}
      label={t.onFailure.label}
      value={choice}
      options={CHOICES.map((value) => ({ value, label: t.onFailure.choices[value] }))}
      onChange={choose}
    />
  );
}
