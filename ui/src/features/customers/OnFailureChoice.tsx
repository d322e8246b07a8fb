/** What becomes of what a run has made if a step fails: chosen where one provisions, and remembered. */

import { useSyncExternalStore } from "react";

import type { OnFailure } from "@/backend/bindings";
import { Select } from "@/components/Select";
import { useI18n } from "@/i18n/I18nProvider";

const KEPT = "fabrik.onFailure";
const CHOICES: readonly OnFailure[] = ["rollback", "keep"];
const watchers = new Set<() => void>();

function remembered(): OnFailure {
  return CHOICES.find((choice) => choice === localStorage.getItem(KEPT)) ?? "rollback";
}

/** The choice, the same wherever it is shown. */
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

export function OnFailureChoice() {
  const { t } = useI18n();
  const [choice, choose] = useOnFailure();
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
