/** Which language the window speaks. A choice counts at once. */

import type { Language } from "@/backend/bindings";
import { useLanguageSet } from "@/backend/mutations";
import { useI18n } from "@/i18n/I18nProvider";

import { ChoiceCard, ChoiceCards } from "./ChoiceCards";

const LANGUAGES: readonly Language[] = ["sv", "en"];

export function LanguageStep() {
  const { t, language } = useI18n();
  const setLanguage = useLanguageSet();
  return (
    <ChoiceCards label={t.settings.language} value={language} onChange={(chosen) => setLanguage.mutate({ language: chosen })}>
      {LANGUAGES.map((one) => (
        <ChoiceCard key={one} value={one}>
          <span lang={one} className="font-medium">
            {t.settings.languages[one]}
          </span>
        </ChoiceCard>
      ))}
    </ChoiceCards>
  );
}
