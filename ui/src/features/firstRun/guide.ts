/** The guide's steps, and what its address says. */

export const STEPS = ["language", "keyring", "accounts", "blueprint", "customer"] as const;
export type GuideStep = (typeof STEPS)[number];

export interface GuideSearch {
  step?: GuideStep;
  blueprint?: string;
}

/** Reads an address; what it says that can't be is left out. */
export function readGuideSearch(given: Record<string, unknown>): GuideSearch {
  return {
    step: STEPS.find((step) => step === given.step),
    blueprint: typeof given.blueprint === "string" && given.blueprint !== "" ? given.blueprint : undefined,
  };
}

/** The step after one, or before it; none beyond the ends. */
export const stepBeside = (step: GuideStep, by: 1 | -1): GuideStep | undefined => STEPS[STEPS.indexOf(step) + by];
