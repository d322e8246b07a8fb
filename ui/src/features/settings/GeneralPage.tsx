/** Language, theme, density and single keys. Each choice is kept at once. */

import { Link } from "@tanstack/react-router";

import type { Density, Theme } from "@/backend/bindings";
import { useDensitySet, useThemeSet } from "@/backend/mutations";
import { useOverview } from "@/backend/queries";
import { buttonClass } from "@/components/Button";
import { Field } from "@/components/Field";
import { Select } from "@/components/Select";
import { useLanguageChoice } from "@/components/useLanguageChoice";
import { useI18n } from "@/i18n/I18nProvider";

import { PageHead } from "./SettingsFrame";
import { SingleKeys } from "./SingleKeys";

const THEMES: readonly Theme[] = ["system", "light", "dark"];
const DENSITIES: readonly Density[] = ["compact", "comfortable"];

export function GeneralPage() {
  const { t } = useI18n();
  const { data: overview } = useOverview();
  const language = useLanguageChoice();
  const setTheme = useThemeSet();
  const setDensity = useDensitySet();
  return (
    <>
      <PageHead title={t.settings.pages.general} />
      <h3 className="mb-2 text-heading font-semibold">{t.settings.appearance}</h3>
      <section aria-label={t.settings.appearance} className="grid max-w-[360px] gap-4">
        <Field label={t.settings.language}>
          {(tied) => (
            <Select
              {...tied}
              value={language.value}
              options={language.options}
              onChange={language.choose}
            />
          )}
        </Field>
        <Field label={t.settings.theme}>
          {(tied) => (
            <Select
              {...tied}
              value={overview?.theme ?? "system"}
              options={THEMES.map((value) => ({ value, label: t.settings.themes[value] }))}
              onChange={(theme) => setTheme.mutate({ theme })}
            />
          )}
        </Field>
        <Field label={t.density.label}>
          {(tied) => (
            <Select
              {...tied}
              value={overview?.density ?? "compact"}
              options={DENSITIES.map((value) => ({ value, label: t.density.choices[value] }))}
              onChange={(density) => setDensity.mutate({ density })}
            />
          )}
        </Field>
      </section>
      <section aria-label={t.settings.keyboard} className="mt-6">
        <h3 className="mb-2 text-heading font-semibold">{t.settings.keyboard}</h3>
        <SingleKeys />
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
