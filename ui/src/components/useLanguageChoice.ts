/** Which language the window speaks: one of the two, or the system's. A choice counts at once. */

import type { Language } from "@/backend/bindings";
import { useLanguageSet } from "@/backend/mutations";
import { useOverview } from "@/backend/queries";
import { useI18n } from "@/i18n/I18nProvider";
import { LANGUAGES } from "@/i18n/languages";

import type { Option } from "./Select";

export type LanguageChoice = Language | "system";

export function useLanguageChoice() {
  const { t } = useI18n();
  const { data: overview } = useOverview();
  const setLanguage = useLanguageSet();
  const options: Option<LanguageChoice>[] = [
    { value: "system", label: t.settings.languageOfSystem },
    ...LANGUAGES.map((value) => ({ value, label: t.settings.languages[value] })),
  ];
  const value: LanguageChoice = overview?.chosen_language ?? "system";
  const choose = (choice: LanguageChoice) => setLanguage.mutate({ language: choice === "system" ? null : choice });
  return { value, options, choose };
}
