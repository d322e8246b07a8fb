/** A request whose row names its language in a word that is none. */

import type { OnboardingRequest, Problem } from "./bindings";

/** Why the language can't be read. The one that the request has stands there until somebody chooses, and nobody can approve it before. */
export function unreadLanguage({ problem }: OnboardingRequest): Problem | undefined {
  return problem?.code === "field_unreadable" && problem.field === "language" ? problem : undefined;
}
