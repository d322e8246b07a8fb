/** A run's events in words. */

import type { Happening, Problem, RunEvent, StepView } from "@/backend/bindings";
import { PROVIDER_TITLES } from "@/components/providers";
import { present } from "@/errors/presentation";
import type { I18n } from "@/i18n/I18nProvider";
import type { Messages } from "@/i18n/messages";

const vendorOf = ({ provider }: Problem, t: Messages) => (provider === undefined ? t.common.vendor : PROVIDER_TITLES[provider]);

export function logWords(what: Happening, { t, format, language }: I18n): string {
  const seconds = (ms: number) => format.duration(Math.max(1, ms / 1000));
  switch (what.type) {
    case "run":
      return t.log.run(t.runState[what.state], what.reason && t.waitReason[what.reason]);
    case "step":
      return t.log.step(t.stepState[what.state]);
    case "looking":
      return t.log.looking(what.name);
    case "creating":
      return t.log.creating(what.name);
    case "created":
      return t.log.created(what.id);
    case "adopted":
      return t.log.adopted(what.id);
    case "not_yet":
      return t.log.notYet(what.status, seconds(what.again_in_ms));
    case "settling":
      return t.log.settling(seconds(what.at_most_ms));
    case "retrying":
      return what.problem.code === "throttled"
        ? t.log.throttled(vendorOf(what.problem, t), format.until(what.problem.until, Date.now()))
        : t.log.retrying(present(what.problem, language).title, seconds(what.in_ms), what.attempt);
    case "removing":
      return t.log.removing(what.name);
    case "removed":
      return t.log.removed(what.name, what.with);
    case "not_there":
      return t.log.notThere(what.name);
    case "left_over":
      return t.log.leftOver(what.name, present(what.problem, language).title);
    case "decided":
      return what.decision === "adopt" ? t.log.adoptedByOwner(what.id) : t.log.newByOwner();
    case "detail":
      return t.detail[what.detail](what.subject);
    case "problem": {
      const { title, words } = present(what.problem, language);
      return t.log.problem(title, words);
    }
  }
}

/** The newest event's words for a row: shorter where the row says the rest. */
export function sayingOf(event: RunEvent | undefined, i18n: I18n): string | undefined {
  if (event === undefined) return undefined;
  if (event.what.type === "step" || event.what.type === "run") return undefined;
  if (event.what.type === "not_yet") return i18n.t.waitsForStatus(event.what.status);
  if (event.what.type === "retrying" && event.what.problem.code !== "throttled") return present(event.what.problem, i18n.language).title;
  return logWords(event.what, i18n);
}

/** A shorter wait is over before it is read. */
const TOLD_FROM_MS = 10_000;

/** Until when a step waits: as its vendor has just asked for, else as the record has it, also where no event came. */
export function waitsUntil({ waits_until: until }: StepView, event: RunEvent | undefined): string | undefined {
  if (event?.what.type === "retrying" && event.what.problem.code === "throttled") return event.what.problem.until;
  return until !== undefined && Date.parse(until) - Date.now() >= TOLD_FROM_MS ? until : undefined;
}

/** A log as text, for copying. */
export function logText(events: readonly RunEvent[], i18n: I18n): string {
  return events.map((event) => `${i18n.format.timeWithSeconds(event.at)}  ${logWords(event.what, i18n)}`).join("\n");
}
