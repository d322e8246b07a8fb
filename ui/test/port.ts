/** A port in memory for tests. It answers from records made up here, and is never part of the product. */

import type { Commands, Problem } from "@/backend/bindings";
import { CommandError } from "@/backend/errors";
import type { Answer, Arguments, Change, CommandName, Port, Topic } from "@/backend/port";
import type { Closing, Elsewhere, Menus, Notice, Shell, Updates } from "@/backend/shell";

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

/** A desktop window in memory: what it was told, and what it tells. */
export class MemoryShell implements Shell {
  menus: Menus | undefined;
  readonly answers: string[] = [];
  /** How often it was told that it is asked on the screen what closing means. */
  asked = 0;
  readonly notices: Notice[] = [];
  /** Why it does nothing that it is asked. */
  fault: Error | undefined;
  #heard = {
    menu: new Set<(id: string) => void>(),
    closing: new Set<(closing: Closing) => void>(),
    elsewhere: new Set<(told: Elsewhere) => void>(),
    notice: new Set<(about: string) => void>(),
  };

  readonly opened: string[] = [];
  /** What is told of new versions, and whether runs may be stopped for one, each time. */
  update: () => Updates = () => ({ state: "newest" });
  install: (stopRuns: boolean) => { runs: number } = () => ({ runs: 0 });
  readonly installs: boolean[] = [];

  async updates() {
    await Promise.resolve();
    return this.update();
  }

  async installUpdate(stopRuns: boolean) {
    this.installs.push(stopRuns);
    await Promise.resolve();
    return this.install(stopRuns);
  }

  openWorkspace(name: string) {
    this.opened.push(name);
    return Promise.resolve();
  }

  async setMenus(menus: Menus) {
    await this.#mayFail();
    this.menus = menus;
  }

  onMenu(chosen: (id: string) => void) {
    this.#heard.menu.add(chosen);
    return () => this.#heard.menu.delete(chosen);
  }

  onClosing(asked: (closing: Closing) => void) {
    this.#heard.closing.add(asked);
    return () => this.#heard.closing.delete(asked);
  }

  onElsewhere(heard: (told: Elsewhere) => void) {
    this.#heard.elsewhere.add(heard);
    return () => this.#heard.elsewhere.delete(heard);
  }

  onNotice(opened: (about: string) => void) {
    this.#heard.notice.add(opened);
    return () => this.#heard.notice.delete(opened);
  }

  async asking() {
    await this.#mayFail();
    this.asked += 1;
  }

  async close(how: "stay" | "hide" | "end") {
    await this.#mayFail();
    this.answers.push(how);
  }

  async notify(notice: Notice) {
    await this.#mayFail();
    this.notices.push(notice);
  }

  async #mayFail() {
    await Promise.resolve();
    if (this.fault !== undefined) throw this.fault;
  }

  choose(id: string) {
    for (const heard of this.#heard.menu) heard(id);
  }

  ask(closing: Closing) {
    for (const heard of this.#heard.closing) heard(closing);
  }

  elsewhere(told: Elsewhere) {
    for (const heard of this.#heard.elsewhere) heard(told);
  }

  click(about: string) {
    for (const heard of this.#heard.notice) heard(about);
  }
}

export class MemoryPort implements Port {
  shell?: MemoryShell;
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
