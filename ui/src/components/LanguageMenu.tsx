/** The language that the window speaks, and the choice of another. */

import { Globe } from "lucide-react";

import { useI18n } from "@/i18n/I18nProvider";

import { Icon } from "./Icon";
import { Menu } from "./Menu";
import { type LanguageChoice, useLanguageChoice } from "./useLanguageChoice";

interface LanguageMenuProps {
  className: string;
  /** Of the language's name, which may have to give way to the icon. */
  wordClass?: string;
}

export function LanguageMenu({ className, wordClass }: LanguageMenuProps) {
  const { t, language } = useI18n();
  const { value, options, choose } = useLanguageChoice();
  return (
    <Menu
      align="start"
      choice={{ label: t.settings.language, value, options, onChange: (next) => choose(next as LanguageChoice) }}
      trigger={
        <button type="button" className={className} title={t.settings.language}>
          <Icon of={Globe} />
          <span className={wordClass}>{t.settings.languages[language]}</span>
          {/* For who reads the other alone. */}
          <span lang={language === "sv" ? "en" : "sv"} className="sr-only">
            {t.frame.otherLanguage}
          </span>
        </button>
      }
    />
  );
}
