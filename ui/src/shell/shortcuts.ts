/** The one registry of keys: the help, the palette and the hints in buttons read it. None is destructive. */

import type { KeyboardEvent as FormKeyboardEvent } from "react";

export type ShortcutId =
  | "palette"
  | "help"
  | "sidebar"
  | "goCustomers"
  | "goRequests"
  | "goRuns"
  | "goSettings"
  | "filter"
  | "newCustomer"
  | "next"
  | "previous"
  | "open"
  | "actions"
  | "choose"
  | "chooseNext"
  | "choosePrevious"
  | "reject"
  | "archive"
  | "submit"
  | "quit"
  | "escape";

export type ShortcutGroup = "general" | "goTo" | "list" | "inbox";

export interface Shortcut {
  group: ShortcutGroup;
  /** Any of these; a chord's keys are parted by a space, `Mod` is Ctrl or Cmd. */
  keys: readonly string[];
  /** It works over an open dialog too; the others leave the keys to that. */
  overDialogs?: true;
  /** Held down it goes on; the others do what they do once. */
  repeats?: true;
}

export const SHORTCUTS: Record<ShortcutId, Shortcut> = {
  palette: { group: "general", keys: ["Mod+k"], overDialogs: true },
  help: { group: "general", keys: ["?"] },
  sidebar: { group: "general", keys: ["Mod+b"] },
  newCustomer: { group: "general", keys: ["n"] },
  submit: { group: "general", keys: ["Mod+Enter"] },
  escape: { group: "general", keys: ["Escape"] },
  // The window's menu has it: no page answers to it.
  quit: { group: "general", keys: ["Mod+q"] },
  goCustomers: { group: "goTo", keys: ["g c"] },
  goRequests: { group: "goTo", keys: ["g r"] },
  goRuns: { group: "goTo", keys: ["g u"] },
  goSettings: { group: "goTo", keys: ["g s", "Mod+,"] },
  filter: { group: "list", keys: ["/"] },
  next: { group: "list", keys: ["ArrowDown", "j"], repeats: true },
  previous: { group: "list", keys: ["ArrowUp", "k"], repeats: true },
  open: { group: "list", keys: ["Enter"] },
  actions: { group: "list", keys: ["."] },
  choose: { group: "list", keys: ["x"] },
  chooseNext: { group: "list", keys: ["Shift+ArrowDown"], repeats: true },
  choosePrevious: { group: "list", keys: ["Shift+ArrowUp"], repeats: true },
  // After the chords: `G R` leads to the inbox from a request too.
  reject: { group: "inbox", keys: ["r"] },
  archive: { group: "inbox", keys: ["e"] },
};

export const MAC = /Mac|iPhone|iPad/.test(globalThis.navigator?.userAgent ?? "");

/** A key as it is printed: `Ctrl K`, `G`, `↓`. */
export function keyLabel(key: string): string {
  const names: Partial<Record<string, string>> = {
    Mod: MAC ? "⌘" : "Ctrl",
    Escape: "Esc",
    ArrowDown: "↓",
    ArrowUp: "↑",
  };
  return key
    .split("+")
    .map((part) => names[part] ?? (part.length === 1 ? part.toUpperCase() : part))
    .join(" ");
}

/** A key that a letter alone, without Ctrl or Cmd, gives: these can be switched off. */
export function isSingle(key: string): boolean {
  return key.split(" ").every((part) => part.length === 1);
}

/** The key of an event, as it is written above. */
export function keyOf(event: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey">): string {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const mod = event.ctrlKey || event.metaKey;
  // A character that Shift gives says so itself.
  const shift = event.shiftKey && event.key.length > 1;
  return `${mod ? "Mod+" : ""}${event.altKey ? "Alt+" : ""}${shift ? "Shift+" : ""}${key}`;
}

/** For a form's `onKeyDown`: the key of `submit` sends the form it is pressed in, and nothing behind it. */
export function submitByKey(event: FormKeyboardEvent<HTMLFormElement>) {
  // A list that opens over the form is its child here, but not on the page.
  if (!(event.target instanceof Node) || !event.currentTarget.contains(event.target)) return;
  if (!SHORTCUTS.submit.keys.includes(keyOf(event))) return;
  event.preventDefault();
  // What its button doesn't do now, the key doesn't either.
  const isOff = event.currentTarget.querySelector("button[type=submit]:disabled") !== null;
  if (!isOff && !event.repeat) event.currentTarget.requestSubmit();
}
