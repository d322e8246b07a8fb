/** What only the desktop window has: native menus, notifications, a word before it closes, new versions. A browser tab
 * has none. */

import type { Run } from "./bindings";
import type { Stop } from "./port";

/** A line of a native menu. */
export type MenuEntry =
  | { kind: "act"; id: string; label: string; keys: string | null }
  | { kind: "edit"; edit: "undo" | "redo" | "cut" | "copy" | "paste" | "select_all"; label: string }
  | { kind: "window"; window: "hide" | "hide_others" | "show_all" | "minimize" | "fullscreen" | "close"; label: string }
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

/** A run of a workspace that was left, and that is driven on in this process: it stands elsewhere than before. */
export interface Elsewhere {
  workspace: string;
  /** The customer's name. */
  customer: string;
  run: Run;
}

/** What is known of new versions. */
export type Updates =
  /** This build was not told where to look. */
  | { state: "unconfigured" }
  /** Nothing is looked for from the sandbox. */
  | { state: "sandbox" }
  | { state: "newest" }
  | { state: "found"; version: string };

/** What it is asked rejects as a command does. */
export interface Shell {
  /** Opens another workspace in this window, which then begins anew. */
  openWorkspace(name: string): Promise<void>;
  setMenus(menus: Menus): Promise<void>;
  /** An entry was chosen. `show` and `quit` are the window's own. */
  onMenu(chosen: (id: string) => void): Stop;
  /** The window was asked to close while runs are under way. It waits for `close` once `asking` was called: else it ends when it is
   * asked again. */
  onClosing(asked: (closing: Closing) => void): Stop;
  /** The question is on the screen. */
  asking(): Promise<void>;
  close(how: "stay" | "hide" | "end"): Promise<void>;
  /** Looks for a newer version. */
  updates(): Promise<Updates>;
  /** Installs the version that was found and begins anew, or tells of runs that stand in the way. */
  installUpdate(stopRuns: boolean): Promise<{ runs: number }>;
  /** Shown only while the window isn't looked at. */
  notify(notice: Notice): Promise<void>;
  /** Something became of a run of another workspace. */
  onElsewhere(heard: (told: Elsewhere) => void): Stop;
  /** A notification was clicked. */
  onNotice(opened: (about: string) => void): Stop;
}
