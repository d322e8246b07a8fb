/** The window's native menus and the tray's: the same acts as the palette, in the system's own form. */

import { useEffect, useRef } from "react";

import { useShell } from "@/backend/BackendProvider";
import { useFailed } from "@/errors/useFailed";
import { useI18n } from "@/i18n/I18nProvider";

import { type ActId, useActs } from "./acts";
import { menus } from "./menus";
import { MAC } from "./shortcuts";

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
    shell?.setMenus(menus(t, JSON.parse(labels) as Record<ActId, string>, MAC)).catch((error: unknown) => latest.current.failed(error));
  }, [shell, t, labels]);
  return null;
}
