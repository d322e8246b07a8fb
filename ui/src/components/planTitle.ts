/** What a plan is called. */

import type { BlueprintSummary, Language } from "@/backend/bindings";

/** The plan's title in its blueprint; its name, where the blueprint has it no more. */
export function planTitle(blueprints: readonly BlueprintSummary[], of: { blueprint: string; plan: string }, language: Language): string {
  const plans = blueprints.find(({ name }) => name === of.blueprint)?.plans ?? [];
  return plans.find(({ name }) => name === of.plan)?.title[language] ?? of.plan;
}
