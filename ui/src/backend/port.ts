/** The one way to Rust: commands with typed arguments and answers, and hints that something changed. */

import type { Commands } from "./bindings";
import type { Shell } from "./shell";

export type CommandName = keyof Commands;
export type Arguments<Name extends CommandName> = Commands[Name]["arguments"];
export type Answer<Name extends CommandName> = Commands[Name]["answer"];

/** What kind of record changed. */
export type Topic = "customers" | "requests" | "runs" | "settings" | "credentials";

/** A hint that something changed. Losing one only makes a reader late. */
export interface Change {
  /** Grows; numbers may be missing. */
  number: number;
  topic: Topic;
  /** The record's id or key; empty where many changed. */
  id: string;
}

/** Ends what was begun. */
export type Stop = () => void;

export interface Port {
  /** The desktop window; none in a browser. */
  readonly shell?: Shell;
  /** Runs a command. Rejects with `CommandError` or `ConnectionError`, with nothing else. */
  call<Name extends CommandName>(name: Name, given: Arguments<Name>): Promise<Answer<Name>>;
  /** Tells of changes until stopped. */
  onHint(heard: (change: Change) => void): Stop;
  /** Tells whether Rust can be reached, each time that changes, until stopped. */
  onConnection(changed: (connected: boolean) => void): Stop;
}
