/** The port of a browser against `fabrik serve`. */

import { CommandError, ConnectionError, isProblem } from "./errors";
import type { Answer, Arguments, Change, CommandName, Port, Stop } from "./port";

/** The status of an answer that is a problem. */
const PROBLEM = 422;

/** Where the token is kept while the tab lives, so that a reload still has it. */
const KEPT = "fabrik.token";

/** Takes the token out of the address (`#token=…`), where it would otherwise stay in the history. */
export function takeToken(location: Location, history: History, storage: Storage): string {
  const given = /^#(?:token=)?([\w.~+-]{16,})$/.exec(location.hash)?.[1];
  if (given === undefined) return storage.getItem(KEPT) ?? "";
  storage.setItem(KEPT, given);
  history.replaceState(null, "", `${location.pathname}${location.search}`);
  return given;
}

export class HttpPort implements Port {
  readonly #token: string;
  readonly #watchers = new Set<(connected: boolean) => void>();
  #connected = true;

  constructor(token: string) {
    this.#token = token;
  }

  async call<Name extends CommandName>(name: Name, given: Arguments<Name>): Promise<Answer<Name>> {
    let response: Response;
    let answer: unknown;
    try {
      response = await fetch(`/call/${name}`, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${this.#token}` },
        body: JSON.stringify(given),
      });
      answer = await response.json();
    } catch (error) {
      this.#tell(false);
      throw new ConnectionError(String(error));
    }
    this.#tell(true);
    if (response.ok) return answer as Answer<Name>;
    if (response.status === PROBLEM && isProblem(answer)) throw new CommandError(answer);
    throw new ConnectionError(`HTTP ${response.status}`);
  }

  onHint(heard: (change: Change) => void): Stop {
    // An EventSource can't send headers; it opens again by itself.
    const source = new EventSource(`/hints?token=${encodeURIComponent(this.#token)}`);
    source.onmessage = (event: MessageEvent<string>) => heard(JSON.parse(event.data) as Change);
    source.onopen = () => this.#tell(true);
    source.onerror = () => this.#tell(false);
    return () => source.close();
  }

  onConnection(changed: (connected: boolean) => void): Stop {
    this.#watchers.add(changed);
    return () => this.#watchers.delete(changed);
  }

  #tell(connected: boolean) {
    if (connected === this.#connected) return;
    this.#connected = connected;
    for (const changed of this.#watchers) changed(connected);
  }
}
