/** Messages that come and go: what was done, or why it could not be. One with an action stays until dismissed. */

import { Toast as Base } from "@base-ui/react/toast";
import { X } from "lucide-react";
import { createContext, type ReactNode, type RefObject, useContext, useEffect, useRef, useState } from "react";

import { createI18n, type I18n, useI18n } from "@/i18n/I18nProvider";

import { Button, buttonClass } from "./Button";
import { Icon } from "./Icon";
import { type Shape, StatusShape, type Tone } from "./StatusShape";

const SHOWN_MS = 5000;
/** How many stand over the page; older ones wait out of sight until there is room, and work then as they did. */
const MOST_SHOWN = 3;

/** What a message says, in whichever language the window has while it is read: it may stay until that is another. */
export type Say = (i18n: I18n) => string;

function Said({ say }: { say: Say }) {
  return say(useI18n());
}

/** The same said again is the same in any language: messages are told apart by this one's words. */
const TOLD_APART_BY = createI18n("en");

/** What the message of each place is about. */
const AboutContext = createContext<Map<string, string>>(new Map());

const LOOKS: Record<string, { shape: Shape; tone: Tone }> & { done: { shape: Shape; tone: Tone } } = {
  done: { shape: "done", tone: "ok" },
  waits: { shape: "defer", tone: "idle" },
  needs: { shape: "needs", tone: "warn" },
  error: { shape: "fail", tone: "error" },
};

/** Tells the dialogs how high the messages stand: they end above them, with their buttons. */
function useRoomTold(stack: RefObject<HTMLElement | null>) {
  useEffect(() => {
    const element = stack.current;
    if (element === null) return undefined;
    const { style } = document.documentElement;
    const observer = new ResizeObserver(() => {
      if (element.childElementCount === 0) style.removeProperty("--below-dialog");
      else style.setProperty("--below-dialog", `calc(${element.offsetHeight + 20}px + var(--foot))`);
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      style.removeProperty("--below-dialog");
    };
  }, [stack]);
}

function Toasts() {
  const { t } = useI18n();
  const { toasts } = Base.useToastManager();
  const stack = useRef<HTMLDivElement>(null);
  useRoomTold(stack);
  const shown = toasts.map((toast) => (
    <Base.Root
      key={toast.id}
      toast={toast}
      className="overlay-motion pointer-events-auto flex flex-none items-start gap-2 rounded-card border border-border bg-raised p-3 data-limited:hidden"
    >
      <StatusShape
        {...(LOOKS[toast.type ?? "done"] ?? LOOKS.done)}
        className="mt-[3px] [--hole:var(--raised)]"
      />
      <div className="min-w-0 flex-1">
        <Base.Title className="font-medium" />
        <Base.Description className="wrap-anywhere text-text-2" />
        {toast.actionProps !== undefined && <Base.Action className={`${buttonClass({ small: true })} mt-2`} />}
      </div>
      <Base.Close render={<Button kind="ghost" small icon aria-label={t.common.close}><Icon of={X} small /></Button>} />
    </Base.Root>
  ));
  // Long ones are scrolled, not piled over the page. The padding is what the focus ring needs.
  return (
    <div ref={stack} className="flex max-h-(--messages) w-92 flex-col gap-2 overflow-y-auto p-1 empty:p-0">
      {shown}
    </div>
  );
}

export function ToastProvider({ children }: { children: ReactNode }) {
  const { t } = useI18n();
  const [about] = useState(() => new Map<string, string>());
  return (
    <Base.Provider timeout={SHOWN_MS} limit={MOST_SHOWN}>
      <AboutContext value={about}>{children}</AboutContext>
      <Base.Portal>
        {/* Beside the sidebar: the right edge is where pages have what they are done with, such as a run's handover. */}
        <Base.Viewport aria-label={t.common.messages} className="pointer-events-none fixed bottom-[calc(12px_+_var(--foot))] left-[calc(12px_+_var(--sidebar))] z-50">
          <Toasts />
        </Base.Viewport>
      </Base.Portal>
    </Base.Provider>
  );
}

/** Something to do with what was done. A message that has one stays until it is dismissed. */
export interface ToastAction {
  label: Say;
  perform(): void;
}

/** What goes on somewhere else in the window. */
export interface News {
  look: "done" | "waits" | "needs" | "error";
  title: Say;
  text: Say;
  /** With it the message stays until it is dismissed. */
  action?: ToastAction;
  /** It was dismissed, or went by itself. */
  onClose(): void;
}

export interface Toaster {
  /** Messages of a place are one: what comes later takes it. */
  done(title: Say, more?: { text?: Say; action?: ToastAction; place?: { name: string; about: string } }): void;
  /** What was told of this is so no longer: its message goes. One of the same place about something else stays. */
  gone(place: { name: string; about: string }): void;
  /** Nothing went wrong, and nothing has changed yet. */
  waits(title: Say): void;
  failed(title: Say, text?: Say): void;
  /** News of a kind have one place, and what comes later takes it: they are one message, however many they are. */
  news(place: string, news: News): void;
}

export function useToaster(): Toaster {
  const { add, close } = Base.useToastManager();
  const abouts = useContext(AboutContext);
  // The same said again is said once: what fails over and over is no storm of messages.
  const idOf = (type: string, name: string) => `${type}: ${name}`;
  const idBy = (type: string, title: Say) => idOf(type, title(TOLD_APART_BY));
  const said = (say: Say | undefined) => say && <Said say={say} />;
  const acts = ({ label, perform }: ToastAction) => ({ children: <Said say={label} />, onClick: perform });
  return {
    done: (title, { text, action, place } = {}) => {
      if (place !== undefined) abouts.set(place.name, place.about);
      add({
        id: place === undefined ? idBy("done", title) : idOf("done", place.name),
        title: said(title),
        description: said(text),
        type: "done",
        ...(action === undefined ? {} : { timeout: 0, actionProps: acts(action) }),
      });
    },
    gone: ({ name, about }) => {
      if (abouts.get(name) === about) close(idOf("done", name));
    },
    waits: (title) => void add({ id: idBy("waits", title), title: said(title), type: "waits" }),
    failed: (title, text) =>
      void add({ id: idBy("error", title), title: said(title), description: said(text), type: "error", priority: "high", timeout: 0 }),
    news: (place, { look, title, text, action, onClose }) =>
      void add({
        id: `news: ${place}`,
        title: said(title),
        description: said(text),
        type: look,
        // Given in any case: what is not given stays as it was before.
        timeout: action === undefined ? SHOWN_MS : 0,
        actionProps: action === undefined ? undefined : acts(action),
        onClose,
      }),
  };
}
