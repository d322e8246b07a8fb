/** The parts every page is laid out with. */

import { type ReactNode, useEffect } from "react";

import { useI18n } from "@/i18n/I18nProvider";

import { classes } from "./classes";

/** The header of a page: what it is on the left, what can be done on the right. */
export function PageHeader({ title, children, actions }: { title: string; children: ReactNode; actions?: ReactNode }) {
  const { t } = useI18n();
  useEffect(() => {
    document.title = `${title} – ${t.frame.product}`;
  }, [title, t]);
  return (
    <header className="flex h-12 flex-none items-center gap-3 border-b border-border pr-4 pl-6">
      {children}
      <div className="ml-auto flex items-center gap-2">{actions}</div>
    </header>
  );
}

/** The page's name, in its header. */
export function HeaderTitle({ children }: { children: ReactNode }) {
  return <h1 className="truncate text-heading font-semibold whitespace-nowrap">{children}</h1>;
}

/** The way back to the list, before the name. */
export function Crumb({ children }: { children: ReactNode }) {
  const { t } = useI18n();
  return (
    <nav aria-label={t.frame.crumbs} className="flex items-center gap-2 whitespace-nowrap text-text-3">
      {children}
      <span aria-hidden>/</span>
    </nav>
  );
}

/** Content with a rail of facts, which folds under it where the window is narrow. Either may have a head of a line that stays. */
export function Split({ children, rail }: { children: ReactNode; rail: ReactNode }) {
  return (
    <div className="grid min-h-0 flex-1 scroll-pt-8 grid-cols-[minmax(0,1fr)] overflow-y-auto wide:grid-cols-[minmax(0,1fr)_280px] wide:overflow-hidden full:grid-cols-[minmax(0,1fr)_320px]">
      {children}
      {rail}
    </div>
  );
}

export function Chip({ children, mono }: { children: ReactNode; mono?: boolean }) {
  return (
    <span
      className={classes(
        "inline-flex h-5 items-center whitespace-nowrap rounded-chip border border-border bg-surface px-1.5 text-text-2",
        mono ? "mono" : "text-caption",
      )}
    >
      {children}
    </span>
  );
}

/** What a page says when there is nothing in it yet: what would be, and one thing to do. */
export function EmptyState({ title, text, children }: { title: string; text: string; children?: ReactNode }) {
  return (
    <div className="grid flex-1 place-content-center justify-items-center gap-1 p-8 text-center">
      <h2 className="text-heading font-semibold">{title}</h2>
      <p className="max-w-[420px] text-text-2">{text}</p>
      {children !== undefined && <div className="mt-3 flex gap-2">{children}</div>}
    </div>
  );
}

/** What stands in the place of an answer that is on its way; readers hear what is waited for. */
export function Waiting({ label, className, children }: { label?: string; className?: string; children: ReactNode }) {
  const { t } = useI18n();
  return (
    <div role="group" aria-busy aria-label={label ?? t.common.loading} className={className}>
      {children}
    </div>
  );
}

/** A line in the place of a text that is on its way. */
export function Skeleton({ className }: { className?: string }) {
  return <span aria-hidden className={classes("skeleton block h-3 max-w-full", className)} />;
}
