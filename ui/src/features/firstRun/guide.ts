/** The guide's steps, and what its address says. */

import { oneOf, textOf } from "@/components/given";

export const STEPS = ["language", "keyring", "accounts", "blueprint", "customer"] as const;
export type GuideStep = (typeof STEPS)[number];

export interface GuideSearch {
  step?: GuideStep;
  blueprint?: string;
}

/** Reads an address; what it says that can't be is left out. */
export function readGuideSearch(given: Record<string, unknown>): GuideSearch {
  return {
    step: oneOf(STEPS, given.step),
    blueprint: textOf(given.blueprint),
  };
}

/** The step after one, or before it; none beyond the ends. */
export const stepBeside = (step: GuideStep, by: 1 | -1): GuideStep | undefined => STEPS[STEPS.indexOf(step) + by];
