/** Language and theme. Each choice is kept at once. */

import { Link } from "@tanstack/react-router";

import type { Language, Theme } from "@/backend/bindings";
import { useLanguageSet, useThemeSet } from "@/backend/mutations";
import { useOverview } from "@/backend/queries";
import { buttonClass } from "@/components/Button";
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
      <section aria-label={t.firstRun.again} className="mt-6 border-t border-border pt-4">
        <Link to="/first-run" search={{}} className={buttonClass({})}>
          {t.firstRun.again}
        </Link>
        <p className="mt-1 text-caption text-text-3">{t.firstRun.againText}</p>
      </section>
    </>
  );
}
