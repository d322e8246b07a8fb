/** Listens for the keys of the registry, and gives each to whoever is on the screen for it. */

import { createContext, type ReactNode, useContext, useEffect, useRef, useState } from "react";

import { isComposing } from "@/components/composing";

import { isSingle, keyOf, SHORTCUTS, type ShortcutId } from "./shortcuts";

/** How long the first key of a chord is remembered. */
const CHORD_MS = 1200;
const KEPT = "fabrik.singleKeys";

/** Returns false where it has nothing to do now: the key is then left to the page. */
type Handler = () => void | false;

/** Whether an answer has something to do at this moment. */
type Enabled = boolean | (() => boolean);

interface Answer {
  act: Handler;
  can(): boolean;
}

interface Registry {
  add(id: ShortcutId, answer: Answer): () => void;
  /** Does what the key would; false where it has nothing to do now. */
  press(id: ShortcutId): void | false;
  /** Whether somebody on the screen has something to do for it now. */
  can(id: ShortcutId): boolean;
  singleKeys: boolean;
  setSingleKeys(on: boolean): void;
}

const RegistryContext = createContext<Registry | null>(null);

/** Keys there are text. */
export function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || (target.matches("input, textarea, select") && !target.matches("[type=checkbox], [type=radio]")))
  );
}

/** Whether a dialog is over the page. */
export function isPageCovered(): boolean {
  return document.querySelector("[data-modal][data-open]") !== null;
}

/** What takes the focus for nothing but to be read, as the facts beside a customer do: the arrows scroll it. */
const READ = ":is(aside, div, pre)[tabindex='0']";
const SCROLLING: ReadonlySet<string> = new Set(["ArrowDown", "ArrowUp"]);

/** Keys that a focused control or an open overlay has for itself. */
function isTaken(event: KeyboardEvent, key: string): boolean {
  const target = event.target;
  // The focus may be nowhere while a dialog is open: what is behind it hears nothing all the same.
  if (isPageCovered()) return true;
  if (!(target instanceof HTMLElement)) return false;
  if (target.closest("[role=menu], [role=listbox], [role=dialog], [role=alertdialog]") !== null) return true;
  if (SCROLLING.has(key) && target.matches(READ)) return true;
  return (key === "Enter" || key === " ") && target.matches("button, a, summary, [role=checkbox], [role=combobox]");
}

export function ShortcutProvider({ children }: { children: ReactNode }) {
  const handlers = useRef(new Map<ShortcutId, Answer[]>());
  const [singleKeys, setOn] = useState(() => localStorage.getItem(KEPT) !== "off");

  const [registry] = useState(() => ({
    add(id: ShortcutId, answer: Answer) {
      const list = handlers.current.get(id) ?? [];
      list.push(answer);
      handlers.current.set(id, list);
      return () => {
        handlers.current.set(id, (handlers.current.get(id) ?? []).filter((one) => one !== answer));
      };
    },
    press(id: ShortcutId): void | false {
      const answer = handlers.current.get(id)?.at(-1);
      return answer?.can() === false ? false : answer?.act();
    },
    can: (id: ShortcutId) => handlers.current.get(id)?.at(-1)?.can() === true,
    setSingleKeys(on: boolean) {
      localStorage.setItem(KEPT, on ? "on" : "off");
      setOn(on);
    },
  }));

  useEffect(() => {
    let first: { key: string; at: number } | undefined;
    const heard = (event: KeyboardEvent) => {
      if (event.defaultPrevented || isComposing(event)) return;
      const key = keyOf(event);
      const withMod = key.startsWith("Mod+");
      if (!withMod && isTyping(event.target)) return;
      const taken = isTaken(event, key);
      const chord = first !== undefined && event.timeStamp - first.at < CHORD_MS ? `${first.key} ${key}` : undefined;
      first = undefined;
      for (const [id, shortcut] of Object.entries(SHORTCUTS) as [ShortcutId, (typeof SHORTCUTS)[ShortcutId]][]) {
        if (taken && shortcut.overDialogs !== true) continue;
        for (const wanted of shortcut.keys) {
          if (wanted !== key && wanted !== chord) continue;
          if (isSingle(wanted) && !singleKeys) continue;
          if ((handlers.current.get(id)?.length ?? 0) === 0) continue;
          // Held down, it neither acts again nor does what the browser would with it.
          const isHeld = event.repeat && shortcut.repeats !== true;
          if (isHeld || registry.press(id) !== false) event.preventDefault();
          return;
        }
      }
      if (!taken && key.length === 1) first = { key, at: event.timeStamp };
    };
    window.addEventListener("keydown", heard);
    return () => window.removeEventListener("keydown", heard);
  }, [singleKeys, registry]);

  return <RegistryContext value={{ ...registry, singleKeys }}>{children}</RegistryContext>;
}

export function useShortcuts(): Registry {
  const registry = useContext(RegistryContext);
  if (registry === null) throw new Error("no ShortcutProvider above");
  return registry;
}

/**
 * Answers to a shortcut while this is on the screen; the newest answer wins. `enabled` is asked at each press where it is
 * a function.
 */
export function useShortcut(id: ShortcutId, handler: Handler, enabled: Enabled = true) {
  const { add } = useShortcuts();
  const latest = useRef({ handler, enabled });
  useEffect(() => {
    latest.current = { handler, enabled };
  });
  const answers = enabled !== false;
  useEffect(() => {
    if (!answers) return undefined;
    return add(id, {
      act: () => latest.current.handler(),
      can() {
        const { enabled: now } = latest.current;
        return typeof now === "function" ? now() : now;
      },
    });
  }, [add, id, answers]);
}
