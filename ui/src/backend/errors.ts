/** The two ways a call can fail. */

import type { Problem } from "./bindings";

/** The command answered with a problem. */
export class CommandError extends Error {
  override readonly name = "CommandError";

  constructor(readonly problem: Problem) {
    super(problem.code);
  }
}

/** Rust could not be asked, or did not answer in a form that is known. */
export class ConnectionError extends Error {
  override readonly name = "ConnectionError";
}

/** Whether `value` is a problem as the commands answer them. */
export function isProblem(value: unknown): value is Problem {
  return typeof value === "object" && value !== null && "code" in value && typeof value.code === "string";
}

/** The problem that an error carries; a lost connection is none of them. */
export function problemOf(error: unknown): Problem | undefined {
  if (error instanceof CommandError) return error.problem;
  if (error instanceof ConnectionError || error === null || error === undefined) return undefined;
  return { code: "internal", detail: error instanceof Error ? error.message : String(error) };
}
