/** What the native menus and the tray's hold, in the system's own order. */

import type { MenuEntry, Menus } from "@/backend/shell";
import type { Messages } from "@/i18n/messages";

import type { ActId } from "./acts";
import { isSingle, type ShortcutId, SHORTCUTS } from "./shortcuts";

/** A shortcut's key that a menu may have: a letter alone, or two of them, is the page's. */
function keysOf(id: ShortcutId): string | null {
  return SHORTCUTS[id].keys.find((key) => !isSingle(key))?.replace("Mod", "CmdOrCtrl").replace(/[a-z]$/, (letter) => letter.toUpperCase()) ?? null;
}

/** The menus of this system: macOS has its own, and one for the whole screen. */
export function menus(t: Messages, labels: Record<ActId, string>, mac: boolean): Menus {
  const act = (id: ActId | "find", label: string, keys: string | null = null): MenuEntry => ({ kind: "act", id, label, keys });
  const line: MenuEntry = { kind: "line" };
  const quit: MenuEntry = { kind: "act", id: "quit", label: t.menu.quit, keys: keysOf("quit") };
  const edits = (["undo", "redo", "cut", "copy", "paste", "select_all"] as const).map(
    (edit): MenuEntry => ({ kind: "edit", edit, label: t.menu.edits[edit] }),
  );
  const system = (window: keyof typeof t.menu.windows): MenuEntry => ({ kind: "window", window, label: t.menu.windows[window] });
  const named = (id: ActId) => act(id, labels[id]);
  const settings = act("settings", labels.settings, keysOf("goSettings"));
  const file = [named("new"), line, act("find", t.frame.find, keysOf("palette"))];
  const go = [
    ...(["customers", "requests", "runs"] as const).map(named),
    line,
    ...(["credentials", "providers", "blueprints", "mail", "workspaces"] as const).map(named),
  ];
  return {
    bar: mac
      ? [
          // Without an entry the system's keys do nothing there: of a text, of the window, and of the app.
          {
            label: t.frame.product,
            entries: [named("about"), line, settings, line, ...(["hide", "hide_others", "show_all"] as const).map(system), line, quit],
          },
          { label: t.menu.file, entries: [...file, line, system("close")] },
          { label: t.menu.edit, entries: edits },
          { label: t.menu.go, entries: go },
          { label: t.menu.window, entries: (["minimize", "fullscreen"] as const).map(system) },
          { label: t.menu.help, entries: [named("help"), named("firstRun")] },
        ]
      : [
          { label: t.menu.file, entries: [...file, line, quit] },
          { label: t.menu.go, entries: [...go, line, settings] },
          { label: t.menu.help, entries: [named("help"), named("firstRun"), line, named("about")] },
        ],
    tray: [{ kind: "act", id: "show", label: t.menu.show, keys: null }, line, { ...quit, keys: null }],
  };
}
