/** Which port this page has: the desktop window's, or a browser's. */

import { isTauri } from "@tauri-apps/api/core";

import { HttpPort, takeToken } from "./http";
import type { Port } from "./port";
import { TauriPort } from "./tauri";

export function connect(): Port {
  return isTauri() ? new TauriPort() : new HttpPort(takeToken(window.location, window.history, window.sessionStorage));
}
