/** Dialogs: a form or a question over the page. Esc closes; the focus goes back where it was. */

import { Dialog as Base } from "@base-ui/react/dialog";
import { X } from "lucide-react";
import { type ReactNode, type RefObject, useRef } from "react";

import { useI18n } from "@/i18n/I18nProvider";

import { Button } from "./Button";
import { classes } from "./classes";
import { Icon } from "./Icon";

interface DialogProps {
  open: boolean;
  onClose(): void;
  title: string;
  description?: string;
  /** Wide enough for a table. */
  wide?: boolean;
  /** What has the focus at first; the first field, else the first control, where nothing is said. */
  initialFocus?: RefObject<HTMLElement | null>;
  children: ReactNode;
}

/** A form begins in its first field. */
function firstField(popup: HTMLElement | null): HTMLElement | undefined {
  return popup?.querySelector<HTMLElement>("form input:not([hidden])") ?? undefined;
}

export function Dialog({ open, onClose, title, description, wide, initialFocus, children }: DialogProps) {
  const { t } = useI18n();
  const popup = useRef<HTMLDivElement>(null);
  return (
    <Base.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Base.Portal>
        <Base.Backdrop className="fixed inset-0 z-40 bg-scrim transition-opacity duration-[160ms] data-ending-style:opacity-0 data-starting-style:opacity-0 motion-reduce:transition-none" />
        <Base.Popup
          ref={popup}
          initialFocus={initialFocus ?? (() => firstField(popup.current) ?? true)}
          className={classes(
            "overlay-motion fixed inset-x-0 top-[72px] z-40 mx-auto flex max-h-[calc(100vh-96px)] w-[calc(100vw-32px)] flex-col rounded-dialog border border-border bg-raised",
            wide ? "max-w-[720px]" : "max-w-[520px]",
          )}
        >
          <header className="flex items-start gap-3 px-5 pt-4 pb-3">
            <div className="min-w-0 flex-1">
              <Base.Title className="text-heading font-semibold">{title}</Base.Title>
              {description !== undefined && (
                <Base.Description className="mt-1 text-text-2">{description}</Base.Description>
              )}
            </div>
            <Base.Close
              render={
                <Button kind="ghost" small icon aria-label={t.common.close}>
                  <Icon of={X} small />
                </Button>
              }
            />
          </header>
          {children}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}

interface DialogBodyProps {
  /** The name of what is only read: where nothing in it takes the focus it does so itself, to be scrolled by key. */
  reading?: string;
  children: ReactNode;
}

export function DialogBody({ reading, children }: DialogBodyProps) {
  return (
    <div
      {...(reading === undefined ? {} : { role: "region", "aria-label": reading, tabIndex: 0, "data-inset-focus": true })}
      className="grid min-h-0 gap-4 overflow-y-auto px-5 pb-4"
    >
      {children}
    </div>
  );
}

export function DialogFooter({ children }: { children: ReactNode }) {
  return <footer className="flex items-center justify-end gap-2 border-t border-border px-5 py-3">{children}</footer>;
}
