/** Messages that come and go: what was done, or why it could not be. One with an action stays until dismissed. */

import { Toast as Base } from "@base-ui/react/toast";
import { X } from "lucide-react";
import type { ReactNode } from "react";

import { useI18n } from "@/i18n/I18nProvider";

import { Button, buttonClass } from "./Button";
import { Icon } from "./Icon";
import { type Shape, StatusShape, type Tone } from "./StatusShape";

const SHOWN_MS = 5000;

const LOOKS: Record<string, { shape: Shape; tone: Tone }> & { done: { shape: Shape; tone: Tone } } = {
  done: { shape: "done", tone: "ok" },
  waits: { shape: "defer", tone: "idle" },
  error: { shape: "fail", tone: "error" },
};

function Toasts() {
  const { t } = useI18n();
  const { toasts } = Base.useToastManager();
  return toasts.map((toast) => (
    <Base.Root
      key={toast.id}
      toast={toast}
      className="overlay-motion flex w-90 items-start gap-2 rounded-card border border-border bg-raised p-3"
    >
      <StatusShape
        {...(LOOKS[toast.type ?? "done"] ?? LOOKS.done)}
        className="mt-[3px] [--hole:var(--raised)]"
      />
      <div className="min-w-0 flex-1">
        <Base.Title className="font-medium" />
        <Base.Description className="text-text-2" />
        {toast.actionProps !== undefined && <Base.Action className={`${buttonClass({ small: true })} mt-2`} />}
      </div>
      <Base.Close render={<Button kind="ghost" small icon aria-label={t.common.close}><Icon of={X} small /></Button>} />
    </Base.Root>
  ));
}

export function ToastProvider({ children }: { children: ReactNode }) {
  return (
    <Base.Provider timeout={SHOWN_MS}>
      {children}
      <Base.Portal>
        {/* Beside the sidebar: the right edge is where pages have what they are done with, such as a run's handover. */}
        <Base.Viewport className="fixed bottom-4 left-59 z-50 flex flex-col gap-2 max-narrow:left-17">
          <Toasts />
        </Base.Viewport>
      </Base.Portal>
    </Base.Provider>
  );
}

export interface Toaster {
  done(title: string): void;
  /** Nothing went wrong, and nothing has changed yet. */
  waits(title: string): void;
  failed(title: string, text?: string): void;
}

export function useToaster(): Toaster {
  const { add } = Base.useToastManager();
  return {
    done: (title) => void add({ title, type: "done" }),
    waits: (title) => void add({ title, type: "waits" }),
    failed: (title, text) => void add({ title, description: text, type: "error", priority: "high", timeout: 0 }),
  };
}
