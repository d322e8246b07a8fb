/** How a problem is shown: how bad it is, its words, and the first thing to do about it. */

import type { Language, Problem, Provider, RunId } from "@/backend/bindings";
import { PROVIDER_TITLES } from "@/components/providers";
import { createFormat } from "@/i18n/format";

import { isOnOwnServer, type Code, type ProblemOf, type ProblemTexts } from "./texts";
import { enProblems } from "./texts.en";
import { svProblems } from "./texts.sv";

/** The first thing to do about a problem, where there is a place in the window for it. */
export type NextAction =
  | { kind: "open_credentials" }
  | { kind: "open_token_page"; provider: Provider }
  | { kind: "open_vercel_app" }
  | { kind: "open_settings"; page: "providers" | "mail" | "workspaces" }
  | { kind: "open_run"; run: RunId }
  | { kind: "open_list"; list: "customers" | "runs" }
  | { kind: "open_diagnosis" };

/** `wait`: nothing is broken, something outside is waited for. */
export type Severity = "error" | "wait";

export interface Presentation {
  severity: Severity;
  title: string;
  text: string;
  action?: NextAction;
  /** The vendor's or the system's own words, or those of whoever reads a file: one line, in no language of ours. */
  words?: string;
  requestId?: string;
  /** Of the vendor's answer. */
  httpStatus?: number;
  /** It goes on by itself then. */
  until?: string;
}

const TEXTS: Record<Language, ProblemTexts> = { sv: svProblems, en: enProblems };
const FORMATS = { sv: createFormat("sv"), en: createFormat("en") };
const SOME_VENDOR: Record<Language, string> = { sv: "Leverantören", en: "The vendor" };

const WAITING: ReadonlySet<Code> = new Set<Code>([
  "throttled",
  "quota_exceeded",
  "not_ready_yet",
  "timed_out",
  "answer_lost",
  "ambiguous",
  "outcome_unknown",
  "domain_pending",
  "not_ours",
  "changed_since",
  "was_there_before",
  "holds_data",
  "cannot_see",
  "lies_in_leftover",
  "undo_took_too_long",
  "used_by_later_run",
]);

/** Settings of domains and e-mail have a page of their own. */
export function isOfMail(setting: string): boolean {
  return ["email", "smtp", "domain", "site"].includes(setting.split(".", 1)[0] ?? "");
}

function actionOf(problem: Problem): NextAction | undefined {
  switch (problem.code) {
    case "credential_missing":
    case "credential_rejected":
    case "credential_unrestricted":
      return { kind: "open_credentials" };
    case "credential_scope_missing":
      return problem.provider === undefined
        ? { kind: "open_credentials" }
        : { kind: "open_token_page", provider: problem.provider };
    case "vercel_app_missing":
    case "vercel_app_limited":
      return { kind: "open_vercel_app" };
    case "setting_missing":
    case "setting_invalid":
      return { kind: "open_settings", page: isOfMail(problem.setting) ? "mail" : "providers" };
    case "base_url_insecure":
    case "region_not_offered":
    case "organization_not_visible":
    case "template_not_visible":
    case "owner_not_visible":
    case "team_not_visible":
    case "vercel_hobby":
      return { kind: "open_settings", page: "providers" };
    case "answer_unreadable":
      return isOnOwnServer(problem.provider) ? { kind: "open_settings", page: "providers" } : undefined;
    case "sender_unverified":
      return { kind: "open_settings", page: "mail" };
    case "sandbox_keeps_no_secrets":
    case "sandbox_token_refused":
    case "workspace_invalid":
      return { kind: "open_settings", page: "workspaces" };
    case "run_active":
    case "run_owned":
    case "run_succeeded":
    case "run_superseded":
    case "outcome_unknown":
    case "nothing_to_roll_back":
      return { kind: "open_run", run: problem.run };
    case "customer_unknown":
      return { kind: "open_list", list: "customers" };
    case "run_unknown":
      return { kind: "open_list", list: "runs" };
    // The page of the credentials says what mends a keyring.
    case "keyring_missing":
    case "keyring_locked":
    case "keyring_timed_out":
    case "keyring_failed":
      return { kind: "open_credentials" };
    case "secret_missing":
      return problem.variable === undefined ? undefined : { kind: "open_credentials" };
    case "program_missing":
    case "sandbox_failed":
    case "database_busy":
    case "database_read_only":
    case "database_unreadable":
    case "database_damaged":
    case "database_failed":
    case "disk_full":
    case "data_directory_unusable":
    case "vendor_silent":
      return { kind: "open_diagnosis" };
    default:
      return undefined;
  }
}

function textOf<C extends Code>(language: Language, problem: ProblemOf<C>, vendor: string) {
  const texts = TEXTS[language];
  const moment = (at: string) => FORMATS[language].until(at, Date.now());
  // A code from a newer Rust side has no text here; it is still shown, as an error of ours.
  const text = texts[problem.code as C] as ProblemTexts[C] | undefined;
  return text === undefined ? texts.internal({ code: "internal" }, vendor, moment) : text(problem, vendor, moment);
}

/** English within a Swedish sentence reads as a mistake: what is not ours to word stands beside it. */
const wordsOf = (problem: Problem) => (problem.code === "blueprint_invalid" || problem.code === "file_unreadable" ? problem.why : problem.detail);

export function present(problem: Problem, language: Language): Presentation {
  const vendor = problem.provider === undefined ? SOME_VENDOR[language] : PROVIDER_TITLES[problem.provider];
  const { title, text } = textOf(language, problem as ProblemOf<Code>, vendor);
  return {
    severity: WAITING.has(problem.code) ? "wait" : "error",
    title,
    text,
    action: actionOf(problem),
    words: wordsOf(problem),
    requestId: problem.request_id,
    httpStatus: "status" in problem && typeof problem.status === "number" ? problem.status : undefined,
    until: problem.code === "throttled" ? problem.until : undefined,
  };
}
