/** What exists when a run is done, filling in as it is made. */

import type { Resource, ResourceKind, RunDetail, StepKind, StepView } from "@/backend/bindings";
import { shortAddress } from "@/components/address";

import { isComplete } from "./timeline";

export type MadeState = "todo" | "under_way" | "there" | "adopted" | "gone" | "leftover";

export interface Made {
  key: string;
  /** The instance's address, a vendor's own id, or a kind of resource. */
  what: "production" | "project_ref" | ResourceKind;
  state: MadeState;
  value?: string;
  url?: string;
}

/** What a step makes that an owner would look for. Settings, files and variables are not listed. */
const MAKES: Partial<Record<StepKind, ResourceKind>> = {
  "supabase-project": "supabase_project",
  "database-schema": "database_schema",
  "admin-user": "auth_user",
  "github-repo": "repository",
  "vercel-project": "vercel_project",
  "vercel-deployment": "vercel_deployment",
  "welcome-email": "mail",
};

function stateOf(step: StepView, resource: Resource | undefined): MadeState {
  if (resource?.state === "removed") return "gone";
  if (resource?.state === "leftover") return "leftover";
  if (isComplete(step)) return resource?.origin === "adopted" || step.state === "adopted" ? "adopted" : "there";
  return step.state === "running" || resource !== undefined ? "under_way" : "todo";
}

/** The instance answers once its check is done, or its deployment where nothing is checked. */
function isUp({ run, steps }: RunDetail): boolean {
  if (run.state === "succeeded") return true;
  const last = steps.find((step) => step.kind === "site-check") ?? steps.find((step) => step.kind === "vercel-deployment");
  return last !== undefined && isComplete(last);
}

export function madeOf(detail: RunDetail): Made[] {
  const { steps, resources, instance_url } = detail;
  const made: Made[] = [
    {
      key: "production",
      what: "production",
      state: isUp(detail) ? "there" : "todo",
      value: instance_url === undefined ? undefined : shortAddress(instance_url),
      url: instance_url,
    },
  ];
  for (const step of steps) {
    const kind = MAKES[step.kind];
    if (kind === undefined) continue;
    const resource = resources.find((one) => one.step === step.id && one.kind === kind);
    const state = stateOf(step, resource);
    made.push({ key: step.id, what: kind, state, value: resource?.name || step.name, url: resource?.url });
    if (kind === "supabase_project") {
      // The ref is known as soon as the vendor answered, long before the project is up.
      const ref = resource?.id || undefined;
      made.push({
        key: `${step.id} ref`,
        what: "project_ref",
        state: ref === undefined ? "todo" : state === "gone" || state === "leftover" ? state : "there",
        value: ref,
      });
    }
  }
  return made;
}
