/** What only the desktop window has: native menus, notifications, a word before it closes. A browser tab has none. */

import type { Stop } from "./port";

/** A line of a native menu. */
export type MenuEntry =
  | { kind: "act"; id: string; label: string; keys: string | null }
  | { kind: "edit"; edit: "undo" | "redo" | "cut" | "copy" | "paste" | "select_all"; label: string }
  | { kind: "line" };

export interface Menus {
  /** The window's menu bar; the whole screen's on macOS. */
  bar: { label: string; entries: MenuEntry[] }[];
  /** The menu of the icon in the system's tray. */
  tray: MenuEntry[];
}

/** What closing the window would stop. */
export interface Closing {
  /** Runs that this process drives. */
  runs: number;
  /** The window can be hidden meanwhile. */
  can_hide: boolean;
}

export interface Notice {
  title: string;
  text: string;
  /** What a click leads to; given back by `onNotice`. */
  about: string;
}

export interface Shell {
  /** Opens another workspace in this window, which then begins anew. Rejects as a command does. */
  openWorkspace(name: string): Promise<void>;
  setMenus(menus: Menus): void;
  /** An entry was chosen. `show` and `quit` are the window's own. */
  onMenu(chosen: (id: string) => void): Stop;
  /** The window was asked to close while runs are under way. It waits for `close`. */
  onClosing(asked: (closing: Closing) => void): Stop;
  close(how: "stay" | "hide" | "end"): void;
  /** Shown only while the window isn't looked at. */
  notify(notice: Notice): void;
  /** A notification was clicked. */
  onNotice(opened: (about: string) => void): Stop;
}
