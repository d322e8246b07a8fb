/** A port in memory for tests and screenshots. It answers from records made up here, and is never part of the product. */

import type { Commands, Problem } from "@/backend/bindings";
import { CommandError } from "@/backend/errors";
import type { Answer, Arguments, Change, CommandName, Port, Topic } from "@/backend/port";

export type Answers = {
  [Name in CommandName]?: (given: Commands[Name]["arguments"]) => Commands[Name]["answer"] | Promise<Commands[Name]["answer"]>;
};

/** A call that was made. */
export interface Call {
  name: CommandName;
  given: unknown;
}

/** Fails a command as Rust would. */
export function refuse(problem: Problem): never {
  throw new CommandError(problem);
}

export class MemoryPort implements Port {
  readonly calls: Call[] = [];
  #hints = new Set<(change: Change) => void>();
  #connections = new Set<(connected: boolean) => void>();
  #number = 0;

  constructor(readonly answers: Answers) {}

  async call<Name extends CommandName>(name: Name, given: Arguments<Name>): Promise<Answer<Name>> {
    this.calls.push({ name, given: structuredClone(given) });
    const answer = this.answers[name];
    if (answer === undefined) throw new CommandError({ code: "internal", detail: `no answer to ${name}` });
    await Promise.resolve();
    return structuredClone(await answer(given));
  }

  onHint(heard: (change: Change) => void) {
    this.#hints.add(heard);
    return () => this.#hints.delete(heard);
  }

  onConnection(changed: (connected: boolean) => void) {
    this.#connections.add(changed);
    return () => this.#connections.delete(changed);
  }

  hint(topic: Topic, id = "") {
    this.#number += 1;
    for (const heard of this.#hints) heard({ number: this.#number, topic, id });
  }

  connection(connected: boolean) {
    for (const changed of this.#connections) changed(connected);
  }

  callsOf<Name extends CommandName>(name: Name): Arguments<Name>[] {
    return this.calls.filter((call) => call.name === name).map((call) => call.given as Arguments<Name>);
  }
}
