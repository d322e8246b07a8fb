/** What a request asks for, as the customers' list has it: the blueprint's name, and what its plan is called. */

import type { OnboardingRequest } from "@/backend/bindings";
import { useBlueprints } from "@/backend/queries";
import { useI18n } from "@/i18n/I18nProvider";

export function useAsked(): (request: Pick<OnboardingRequest, "blueprint" | "plan">) => string {
  const { t, language } = useI18n();
  const { data: blueprints = [] } = useBlueprints();
  return ({ blueprint, plan }) => {
    const plans = blueprints.find(({ name }) => name === blueprint)?.plans ?? [];
    const title = plans.find(({ name }) => name === plan)?.title[language] ?? plan;
    return [blueprint, title].filter(Boolean).join(", ") || t.requests.notChosen;
  };
}
