/** The port of the desktop window. */

import { invoke } from "@tauri-apps/api/core";
import { listen } from "@tauri-apps/api/event";

import { CommandError, ConnectionError, isProblem } from "./errors";
import type { Answer, Arguments, Change, CommandName, Port, Stop } from "./port";
import type { Closing, Elsewhere, Menus, Notice, Shell, Updates } from "./shell";

/** Listens to an event of Rust's until stopped, also where that comes before it listens. */
function hear<Payload>(event: string, heard: (payload: Payload) => void): Stop {
  let stopped = false;
  const listening = listen<Payload>(event, ({ payload }) => {
    if (!stopped) heard(payload);
  });
  return () => {
    stopped = true;
    void listening.then((stop) => stop());
  };
}

/** Calls one of Rust's, and fails as the port does. */
async function ask<Told>(command: string, given: Record<string, unknown>): Promise<Told> {
  try {
    return await invoke<Told>(command, given);
  } catch (error) {
    throw isProblem(error) ? new CommandError(error) : new ConnectionError(String(error));
  }
}

class TauriShell implements Shell {
  async openWorkspace(name: string) {
    await ask("open_workspace", { name });
    // What the page knows is of the other one.
    window.location.hash = "#/";
    window.location.reload();
  }

  setMenus(menus: Menus) {
    return ask<void>("set_menus", { menus });
  }

  onMenu(chosen: (id: string) => void): Stop {
    return hear("menu", chosen);
  }

  onClosing(asked: (closing: Closing) => void): Stop {
    return hear("closing", asked);
  }

  asking() {
    return ask<void>("close", { how: "asking" });
  }

  close(how: "stay" | "hide" | "end") {
    return ask<void>("close", { how });
  }

  updates() {
    return ask<Updates>("updates", {});
  }

  installUpdate(stopRuns: boolean) {
    return ask<{ runs: number }>("install_update", { stopRuns });
  }

  notify(notice: Notice) {
    return ask<void>("notify", { notice });
  }

  onElsewhere(heard: (told: Elsewhere) => void): Stop {
    return hear("elsewhere", heard);
  }

  onNotice(opened: (about: string) => void): Stop {
    return hear("notice", opened);
  }
}

export class TauriPort implements Port {
  readonly shell = new TauriShell();

  call<Name extends CommandName>(name: Name, given: Arguments<Name>): Promise<Answer<Name>> {
    return ask("call", { name, arguments: given });
  }

  onHint(heard: (change: Change) => void): Stop {
    return hear("hint", heard);
  }

  /** The window and Rust are one process: there is no connection to lose. */
  onConnection(): Stop {
    return () => undefined;
  }
}
