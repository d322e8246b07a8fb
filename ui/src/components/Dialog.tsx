/**
 * Dialogs: a form or a question over the page. Esc closes; the focus goes back where it was. What was typed and not
 * sent is asked about first.
 */

import { Dialog as Base } from "@base-ui/react/dialog";
import { useBlocker } from "@tanstack/react-router";
import { X } from "lucide-react";
import { type ComponentProps, createContext, type ReactNode, type RefObject, useContext, useEffect, useMemo, useRef, useState } from "react";

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
  /** It asks about what lies under it, a dialog perhaps: that is shaded, and seen around it. */
  over?: boolean;
  /** What has the focus at first; the first field, else the first control, where nothing is said. */
  initialFocus?: RefObject<HTMLElement | null>;
  children: ReactNode;
}

/** A form begins in its first field. */
function firstField(popup: HTMLElement | null): HTMLElement | undefined {
  // On a busy machine it is asked late: whoever writes by then goes on where they are.
  const active = document.activeElement;
  if (active instanceof HTMLInputElement && popup?.contains(active)) return active;
  return popup?.querySelector<HTMLElement>("form input:not([hidden])") ?? undefined;
}

/**
 * What a menu was opened with, where the focus is in that menu: its items are gone by the time that a dialog which one of
 * them opens is closed.
 */
function menusButton(): HTMLElement[] {
  const menu = document.activeElement?.closest("[role=menu]");
  if (menu === null || menu === undefined) return [];
  const button = document.querySelector<HTMLElement>(`[aria-haspopup=menu][aria-controls="${CSS.escape(menu.id)}"]`);
  // A row of a list has that button only while its menu is open.
  const row = button?.closest("tr")?.querySelector<HTMLElement>("[data-row-link]");
  return [button, row].filter((one) => one !== null && one !== undefined);
}

function Frame({ open, onClose, title, description, wide, over, initialFocus, children }: DialogProps) {
  const { t } = useI18n();
  const popup = useRef<HTMLDivElement>(null);
  const openers = useMemo(() => (open ? menusButton() : []), [open]);
  return (
    <Base.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Base.Portal>
        <Base.Backdrop
          // One within another has none of its own unless it is told to.
          forceRender={over}
          className="fixed inset-0 z-40 bg-scrim transition-opacity duration-[160ms] data-ending-style:opacity-0 data-starting-style:opacity-0 motion-reduce:transition-none"
        />
        <Base.Popup
          ref={popup}
          // No key of the page is heard while this is open.
          data-modal
          initialFocus={initialFocus ?? (() => firstField(popup.current) ?? true)}
          finalFocus={() => openers.find((one) => one.isConnected) ?? true}
          className={classes(
            "overlay-motion fixed inset-x-0 z-40 mx-auto flex w-[calc(100vw-32px)] flex-col rounded-dialog border border-border bg-raised",
            over ? "top-[144px] max-h-[calc(100vh-144px_-_var(--below-dialog))] max-w-[420px]" : "top-[72px] max-h-[calc(100vh-72px_-_var(--below-dialog))]",
            over ? "" : wide ? "max-w-[720px]" : "max-w-[520px]",
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

const UnsavedContext = createContext<RefObject<boolean>>({ current: false });

/**
 * Told in a dialog: what is in it would be lost, by closing it or on another page. Its Cancel says so itself, and is not
 * asked about; a deed that leads on once it is done navigates with `ignoreBlocker`.
 */
export function Unsaved({ when }: { when: boolean }) {
  const unsaved = useContext(UnsavedContext);
  useEffect(() => {
    unsaved.current = when;
    return () => {
      unsaved.current = false;
    };
  }, [unsaved, when]);
  return null;
}

interface LeavingProps {
  open: boolean;
  onStay(): void;
  onLeave(): void;
}

/** Asks before what was typed is lost. The focus begins where nothing is. */
export function Leaving({ open, onStay, onLeave }: LeavingProps) {
  const { t } = useI18n();
  const stay = useRef<HTMLButtonElement>(null);
  return (
    <Frame over open={open} onClose={onStay} initialFocus={stay} title={t.unsaved.title} description={t.unsaved.text}>
      <DialogFooter>
        <Button ref={stay} onClick={onStay}>
          {t.unsaved.stay}
        </Button>
        {/* Not while it fades out, either. */}
        <Button kind="danger" disabled={!open} onClick={onLeave}>
          {t.unsaved.leave}
        </Button>
      </DialogFooter>
    </Frame>
  );
}

const isNew = (search: object) => "new" in search && search.new === true;

export function Dialog({ onClose, children, ...rest }: Omit<DialogProps, "over">) {
  const unsaved = useRef(false);
  const [asked, setAsked] = useState(false);
  // Another page takes the dialog along: a notification, a menu or the palette may lead there over it. So does the same
  // page without the dialog in its address; the page's own ways navigate with `ignoreBlocker`.
  const leaving = useBlocker({
    shouldBlockFn: ({ current, next }) =>
      unsaved.current && (current.pathname !== next.pathname || isNew(current.search) !== isNew(next.search)),
    enableBeforeUnload: () => unsaved.current,
    withResolver: true,
    disabled: !rest.open,
  });
  const isLeaving = leaving.status === "blocked";
  return (
    <Frame {...rest} onClose={() => (unsaved.current ? setAsked(true) : onClose())}>
      <UnsavedContext value={unsaved}>{children}</UnsavedContext>
      <Leaving
        open={asked || isLeaving}
        onStay={() => {
          setAsked(false);
          leaving.reset?.();
        }}
        onLeave={isLeaving ? () => leaving.proceed() : onClose}
      />
    </Frame>
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
      className="grid min-h-0 grid-cols-1 gap-4 overflow-y-auto px-5 pb-4"
    >
      {children}
    </div>
  );
}

/** A form in a dialog: its fields scroll where the window is low, and its buttons stay within reach. */
export function DialogForm(props: Omit<ComponentProps<"form">, "className">) {
  return <form {...props} className="flex min-h-0 flex-col" />;
}

export function DialogFooter({ children }: { children: ReactNode }) {
  return <footer className="flex items-center justify-end gap-2 border-t border-border px-5 py-3">{children}</footer>;
}
