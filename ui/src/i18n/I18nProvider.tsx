/** The language of the window: the catalogue and the formats that go with it. */

import { createContext, type ReactNode, useContext, useEffect, useMemo } from "react";

import type { Language } from "@/backend/bindings";

import { en } from "./en";
import { createFormat, type Format } from "./format";
import type { Messages } from "./messages";
import { sv } from "./sv";

export interface I18n {
  language: Language;
  t: Messages;
  format: Format;
}

const CATALOGUES: Record<Language, Messages> = { sv, en };

export function createI18n(language: Language): I18n {
  return { language, t: CATALOGUES[language], format: createFormat(language) };
}

const I18nContext = createContext<I18n | null>(null);

export function I18nProvider({ language, children }: { language: Language; children: ReactNode }) {
  const i18n = useMemo(() => createI18n(language), [language]);
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  return <I18nContext value={i18n}>{children}</I18nContext>;
}

export function useI18n(): I18n {
  const i18n = useContext(I18nContext);
  if (i18n === null) throw new Error("no I18nProvider above");
  return i18n;
}

declare global {
  interface Window {
    /** Set by the desktop shell before the page's own scripts. */
    fabrikLanguage?: string;
  }
}

/** The language before Rust has told, and where it can't: the one that was asked for at the start, else the system's. */
export function systemLanguage(): Language {
  return (window.fabrikLanguage ?? navigator.language).toLowerCase().startsWith("sv") ? "sv" : "en";
}
