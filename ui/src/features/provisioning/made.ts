/** What exists when a run is done, filling in as it is made. */

import type { Resource, ResourceKind, RunDetail, StepView } from "@/backend/bindings";
import type { Messages } from "@/i18n/messages";
import { shortAddress } from "@/components/address";
import { MAKES } from "@/components/steps";

import { directionOf } from "./direction";
import { isComplete } from "./timeline";

export type MadeState = "todo" | "under_way" | "there" | "adopted" | "deferred" | "going" | "gone" | "leftover";

export interface Made {
  key: string;
  /** The instance's address, a vendor's own id, a DNS record that is wanted, or a kind of resource. */
  what: "production" | "project_ref" | "dns_record" | ResourceKind;
  state: MadeState;
  value?: string;
  url?: string;
}

export function madeLabel({ what }: Made, t: Messages): string {
  if (what === "production") return t.run.production;
  if (what === "dns_record") return t.run.dnsRecord;
  return what === "project_ref" ? t.customer.projectRef : t.resource[what];
}

function stateOf(step: StepView, resource: Resource | undefined): MadeState {
  if (resource?.state === "removed") return "gone";
  if (resource?.state === "leftover") return "leftover";
  if (step.state === "deferred") return "deferred";
  if (isComplete(step)) return resource?.origin === "adopted" || step.state === "adopted" ? "adopted" : "there";
  return step.state === "running" || resource !== undefined ? "under_way" : "todo";
}

/** The instance answers once its check is done, or its deployment where nothing is checked. */
function isUp({ run, steps }: RunDetail): boolean {
  if (run.state === "succeeded") return true;
  const last = steps.find((step) => step.kind === "site-check") ?? steps.find((step) => step.kind === "vercel-deployment");
  return last !== undefined && isComplete(last);
}

/** What a run that goes back has made, adopted or removes: what it never came to is not told of. */
function undoneOf({ steps, resources }: RunDetail): Made[] {
  return resources
    .filter(({ id, state }) => id !== "" || state !== "removed")
    .map((resource) => {
      const step = steps.find((one) => one.id === resource.step);
      const states: Partial<Record<Resource["state"], MadeState>> = { removed: "gone", leftover: "leftover" };
      const there = resource.origin === "adopted" ? "adopted" : step?.state === "undoing" ? "going" : "there";
      return {
        key: resource.key,
        what: resource.kind,
        state: states[resource.state] ?? there,
        value: resource.name,
        url: resource.url,
      };
    });
}

export function madeOf(detail: RunDetail): Made[] {
  if (directionOf(detail.run) !== "forward") return undoneOf(detail);
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
    const makes = MAKES[step.kind];
    if (makes?.isLookedFor !== true) continue;
    const kind = makes.resource;
    const resource = resources.find((one) => one.step === step.id && one.kind === kind);
    // A step that had nothing to make has nothing by a name either.
    if (step.state === "skipped" && resource === undefined && step.name === undefined) continue;
    const state = stateOf(step, resource);
    made.push({ key: step.id, what: kind, state, value: resource?.name || step.name, url: resource?.url });
    if (step.state === "deferred" && step.error?.code === "domain_pending") {
      for (const { kind: type, name, value } of step.error.records) {
        made.push({ key: `${step.id} ${type} ${name}`, what: "dns_record", state: "deferred", value: `${name} ${type} ${value}` });
      }
    }
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
