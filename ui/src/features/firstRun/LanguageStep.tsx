/** Which language the window speaks. A choice counts at once. */

import { useLanguageSet } from "@/backend/mutations";
import { useI18n } from "@/i18n/I18nProvider";
import { LANGUAGES } from "@/i18n/languages";

import { ChoiceCard, ChoiceCards } from "./ChoiceCards";

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
