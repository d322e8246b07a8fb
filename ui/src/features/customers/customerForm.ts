/** A customer as it is typed in, and where each problem belongs among the fields. */

import type { BlueprintSummary, Customer, Language, NewCustomer, Problem, Wish } from "@/backend/bindings";
import type { Fault } from "@/components/Field";
import { present } from "@/errors/presentation";

export interface Draft {
  name: string;
  subdomain: string;
  contact_email: string;
  contact_name: string;
  blueprint: string;
  plan: string;
  language: Language;
  modules: readonly string[];
}

/** What a customer has that nobody is asked for at first, as it is typed. */
export interface Held {
  credits: string;
  external_id: string;
}

export type DraftField = keyof Draft | keyof Held;

/** An empty form, with the blueprint's own defaults. */
export function emptyDraft(blueprint: BlueprintSummary | undefined, language: Language): Draft {
  return {
    name: "",
    subdomain: "",
    contact_email: "",
    contact_name: "",
    blueprint: blueprint?.name ?? "",
    plan: blueprint?.plans[0]?.name ?? "",
    language,
    modules: blueprint?.modules ?? [],
  };
}

export function draftOf(customer: Customer): Draft {
  const { name, subdomain, contact_email, contact_name = "", blueprint, plan, language, modules } = customer;
  return { name, subdomain, contact_email, contact_name, blueprint, plan, language, modules };
}

export function heldOf({ credits, external_id = "" }: Customer): Held {
  return { credits: String(credits), external_id };
}

/** A whole number of credits, with the spaces and the minus that people write; nothing where it is none. */
export function creditsOf(typed: string): number | undefined {
  const plain = typed.replace(/\s/g, "").replace("\u2212", "-");
  return /^-?\d{1,15}$/.test(plain) ? Number(plain) : undefined;
}

/** A request as a form begins with it. */
export function draftOfWish(wish: Wish): Draft {
  const { name, subdomain, contact_email, contact_name = "", blueprint, plan, language, modules } = wish;
  return { name, subdomain, contact_email, contact_name, blueprint, plan, language, modules };
}

export function wishOf(draft: Draft, message: string): Wish {
  return {
    ...draft,
    contact_name: draft.contact_name.trim() || undefined,
    modules: [...draft.modules],
    message: message.trim() || undefined,
  };
}

export function newCustomerOf(draft: Draft): NewCustomer {
  return {
    ...draft,
    name: draft.name.trim(),
    subdomain: draft.subdomain.trim(),
    contact_email: draft.contact_email.trim(),
    contact_name: draft.contact_name.trim() || undefined,
    modules: [...draft.modules],
    credits: 0,
    status: "pending",
  };
}

/** The field a problem is about; none where it is about the whole. */
export function fieldOf(problem: Problem): DraftField | undefined {
  switch (problem.code) {
    case "name_invalid":
      return problem.field === "contact_name" ? "contact_name" : "name";
    case "slug_taken":
      return "name";
    case "subdomain_invalid":
    case "subdomain_taken":
    case "subdomain_in_use":
      return "subdomain";
    case "email_invalid":
      return "contact_email";
    case "blueprint_unknown":
    case "blueprint_invalid":
      return "blueprint";
    case "plan_unknown":
      return "plan";
    case "module_unknown":
      return "modules";
    case "external_id_taken":
    case "external_id_alike":
      return "external_id";
    case "field_unreadable":
      return problem.field === "external_id" || problem.field === "language" ? problem.field : undefined;
    default:
      return undefined;
  }
}

/** What can be told without asking: an address needs something on both sides of an @. */
export function faultsOf(draft: Draft): Problem[] {
  const problems: Problem[] = [];
  if (draft.name.trim() === "") problems.push({ code: "name_invalid", fault: "empty" });
  if (draft.subdomain.trim() === "") {
    problems.push({ code: "subdomain_invalid", subdomain: draft.subdomain, fault: "empty" });
  }
  if (!/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(draft.contact_email.trim())) {
    problems.push({ code: "email_invalid", email: draft.contact_email });
  }
  return problems;
}

/** The problems' words by field, each once. */
export function wordsByField(problems: readonly Problem[], language: Language): Partial<Record<DraftField, (string | Fault)[]>> {
  const found: Partial<Record<DraftField, (string | Fault)[]>> = {};
  for (const problem of problems) {
    const field = fieldOf(problem);
    if (field === undefined) continue;
    const { title, text, words } = present(problem, language);
    const line = problem.code === "name_invalid" || problem.code === "subdomain_invalid" || problem.code === "email_invalid" ? text : `${title}. ${text}`;
    const lines = (found[field] ??= []);
    if (lines.some((one) => (typeof one === "string" ? one : one.text) === line)) continue;
    lines.push(words === undefined ? line : { text: line, words });
  }
  return found;
}
