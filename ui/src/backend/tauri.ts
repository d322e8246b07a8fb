/** The port of the desktop window. */

import { invoke } from "@tauri-apps/api/core";
import { listen } from "@tauri-apps/api/event";

import { CommandError, ConnectionError, isProblem } from "./errors";
import type { Answer, Arguments, Change, CommandName, Port, Stop } from "./port";

export class TauriPort implements Port {
  async call<Name extends CommandName>(name: Name, given: Arguments<Name>): Promise<Answer<Name>> {
    try {
      return await invoke<Answer<Name>>("call", { name, arguments: given });
    } catch (error) {
      throw isProblem(error) ? new CommandError(error) : new ConnectionError(String(error));
    }
  }

  onHint(heard: (change: Change) => void): Stop {
    let stopped = false;
    const listening = listen<Change>("hint", (event) => {
      if (!stopped) heard(event.payload);
    });
    return () => {
      stopped = true;
      void listening.then((stop) => stop());
    };
  }

  /** The window and Rust are one process: there is no connection to lose. */
  onConnection(): Stop {
    return () => undefined;
  }
}
