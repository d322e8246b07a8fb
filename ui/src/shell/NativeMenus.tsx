/** The window's native menus and the tray's: the same acts as the palette, in the system's own form. */

import { useEffect, useRef } from "react";

import { useShell } from "@/backend/BackendProvider";
import type { MenuEntry, Menus } from "@/backend/shell";
import { useFailed } from "@/errors/useFailed";
import { useI18n } from "@/i18n/I18nProvider";
import type { Messages } from "@/i18n/messages";

import { type ActId, useActs } from "./acts";
import { isSingle, MAC, SHORTCUTS } from "./shortcuts";

/** An entry's key where the menu may have it: a letter alone, or two of them, is the page's. */
function keysOf(key: string | undefined): string | null {
  return key === undefined || isSingle(key) ? null : key.replace("Mod", "CmdOrCtrl");
}

function menus(t: Messages, labels: Record<ActId, string>): Menus {
  const act = (id: ActId | "find", label: string, keys: string | null = null): MenuEntry => ({ kind: "act", id, label, keys });
  const line: MenuEntry = { kind: "line" };
  const quit: MenuEntry = { kind: "act", id: "quit", label: t.menu.quit, keys: "CmdOrCtrl+Q" };
  const edits = (["undo", "redo", "cut", "copy", "paste", "select_all"] as const).map(
    (edit): MenuEntry => ({ kind: "edit", edit, label: t.menu.edits[edit] }),
  );
  const named = (id: ActId) => act(id, labels[id]);
  const settings = act("settings", labels.settings, "CmdOrCtrl+,");
  const file = [named("new"), line, act("find", t.frame.find, keysOf(SHORTCUTS.palette.keys[0]))];
  const go = [
    ...(["customers", "requests", "runs"] as const).map(named),
    line,
    ...(["credentials", "providers", "blueprints", "workspaces"] as const).map(named),
  ];
  return {
    bar: MAC
      ? [
          { label: t.frame.product, entries: [named("about"), line, settings, line, quit] },
          { label: t.menu.file, entries: file },
          // Without these the system's keys for them do nothing there.
          { label: t.menu.edit, entries: edits },
          { label: t.menu.go, entries: go },
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

export function NativeMenus({ onFind, onHelp }: { onFind(): void; onHelp(): void }) {
  const { t } = useI18n();
  const shell = useShell();
  const acts = useActs({ onHelp });
  const failed = useFailed();
  const choose = (id: string) => (id === "find" ? onFind() : acts.find((act) => act.id === id)?.act());
  const latest = useRef({ choose, failed });
  useEffect(() => {
    latest.current = { choose, failed };
  });
  useEffect(() => shell?.onMenu((id) => latest.current.choose(id)), [shell]);
  // Words change with the language alone.
  const labels = JSON.stringify(Object.fromEntries(acts.map((act) => [act.id, act.label])));
  useEffect(() => {
    shell?.setMenus(menus(t, JSON.parse(labels) as Record<ActId, string>)).catch((error: unknown) => latest.current.failed(error));
  }, [shell, t, labels]);
  return null;
}
