/** Which language the window speaks. A choice counts at once. */

import { useLanguageChoice } from "@/components/useLanguageChoice";
import { useI18n } from "@/i18n/I18nProvider";

import { ChoiceCard, ChoiceCards } from "./ChoiceCards";

export function LanguageStep() {
  const { t } = useI18n();
  const { value, options, choose } = useLanguageChoice();
  return (
    <ChoiceCards label={t.settings.language} value={value} onChange={choose}>
      {options.map((one) => (
        <ChoiceCard key={one.value} value={one.value}>
          <span lang={one.value === "system" ? undefined : one.value} className="font-medium">
            {one.label}
          </span>
        </ChoiceCard>
      ))}
    </ChoiceCards>
  );
}
