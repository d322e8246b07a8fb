/** The frame of the settings: tabs on the left, a column of 720 px. */

import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

import { HeaderTitle, PageHeader } from "@/components/layout";
import { UpdateMark } from "@/components/UpdateMark";
import { useI18n } from "@/i18n/I18nProvider";

import { SETTINGS_PAGES, type SettingsPage } from "./settingsPages";

export function SettingsFrame({ page, children }: { page: SettingsPage; children: ReactNode }) {
  const { t } = useI18n();
  return (
    <>
      <PageHeader title={t.settings.pages[page]}>
        <HeaderTitle>{t.settings.title}</HeaderTitle>
      </PageHeader>
      <div className="tells-more min-h-0 flex-1 overflow-y-auto">
        <div className="grid grid-cols-[184px_minmax(0,720px)] gap-8 px-6 py-5 max-wide:grid-cols-[152px_minmax(0,720px)] max-wide:gap-5 max-narrow:grid-cols-1">
          <nav aria-label={t.settings.title} className="sticky top-5 grid content-start gap-px self-start max-narrow:static max-narrow:flex max-narrow:flex-wrap">
            {SETTINGS_PAGES.map((one) => (
              <Link
                key={one}
                to="/settings/$page"
                params={{ page: one }}
                className="flex h-7 items-center gap-2 rounded-control px-2 text-text-2 transition-colors duration-100 hover:bg-hover hover:text-text data-[status=active]:bg-hover data-[status=active]:font-medium data-[status=active]:text-text"
              >
                {t.settings.pages[one]}
                {one === "about" && <UpdateMark />}
              </Link>
            ))}
          </nav>
          <div className="min-w-0">{children}</div>
        </div>
      </div>
    </>
  );
}

/** A page's name and a line on what it is for. */
export function PageHead({ title, text, children }: { title: string; text?: string; children?: ReactNode }) {
  return (
    <div className="mb-3">
      <div className="flex flex-wrap items-start gap-2">
        <h2 className="flex-1 text-title font-semibold">{title}</h2>
        {children}
      </div>
      {text !== undefined && <p className="mt-0.5 text-text-2">{text}</p>}
    </div>
  );
}
