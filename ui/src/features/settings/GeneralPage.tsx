/** Language and theme. Each choice is kept at once. */

import type { Language, Theme } from "@/backend/bindings";
import { useLanguageSet, useThemeSet } from "@/backend/mutations";
import { useOverview } from "@/backend/queries";
import { Field } from "@/components/Field";
import { Select } from "@/components/Select";
import { useI18n } from "@/i18n/I18nProvider";

import { PageHead } from "./SettingsFrame";

const LANGUAGES: readonly Language[] = ["sv", "en"];
const THEMES: readonly Theme[] = ["system", "light", "dark"];

export function GeneralPage() {
  const { t, language } = useI18n();
  const { data: overview } = useOverview();
  const setLanguage = useLanguageSet();
  const setTheme = useThemeSet();
  return (
    <>
      <PageHead title={t.settings.pages.general} />
      <section aria-label={t.settings.appearance} className="grid max-w-[360px] gap-4">
        <Field label={t.settings.language}>
          {(tied) => (
            <Select
              id={tied.id}
              value={language}
              options={LANGUAGES.map((value) => ({ value, label: t.settings.languages[value] }))}
              onChange={(chosen) => setLanguage.mutate({ language: chosen })}
            />
          )}
        </Field>
        <Field label={t.settings.theme}>
          {(tied) => (
            <Select
              id={tied.id}
              value={overview?.theme ?? "system"}
              options={THEMES.map((value) => ({ value, label: t.settings.themes[value] }))}
              onChange={(theme) => setTheme.mutate({ theme })}
            />
          )}
        </Field>
      </section>
    </>
  );
}
