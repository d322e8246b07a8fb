/** What lies in something else that was left over: it goes with that, and is nothing to see to by itself. */

import type { Resource, ResourceId, RunDetail } from "@/backend/bindings";
import { useRemovalPlan } from "@/backend/queries";

const NONE: ReadonlySet<ResourceId> = new Set();

export const leftOf = ({ resources }: RunDetail): Resource[] => resources.filter(({ state }) => state === "leftover");

/** By the plan of a removal, which knows what lies in what; until it is there, and where it can't be had, nothing is left out. */
export function useCovered(run: RunDetail): ReadonlySet<ResourceId> {
  const left = leftOf(run);
  const { data: plan } = useRemovalPlan(run.customer.id, left.length > 1);
  if (plan === undefined || left.length < 2) return NONE;
  const covered = new Set<ResourceId>();
  for (const one of plan.resources) {
    if (one.fate !== "covered") continue;
    const { key, provider } = one.resource;
    const { by } = one;
    if (left.some((other) => other.key !== key && other.provider === provider && other.name === by)) covered.add(key);
  }
  return covered;
}
