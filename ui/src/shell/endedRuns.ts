/** What is said of runs that ended or stopped to wait for their owner: of one by its name, of many by their number. */

import type { ActiveRun, Run, RunId, RunState } from "@/backend/bindings";
import type { News } from "@/components/Toast";
import { runWord } from "@/components/states";
import type { I18n } from "@/i18n/I18nProvider";

export interface Ended {
  id: RunId;
  run: Pick<Run, "number" | "state" | "purpose" | "error">;
  customer: string;
  /** Whose run it is, where that is not the one that is open. */
  workspace?: string;
}

/** Those that are under way no more, or wait since. */
export function stoppedSince(before: ReadonlyMap<RunId, RunState>, now: readonly ActiveRun[]): RunId[] {
  const states = new Map(now.map((run) => [run.run, run.state]));
  return [...before].flatMap(([run, state]) => {
    const then = states.get(run);
    return then === undefined || (then === "waiting" && state !== "waiting") ? [run] : [];
  });
}

const NEEDS_OWNER: ReadonlySet<RunState> = new Set<RunState>(["waiting", "interrupted", "leftovers"]);

function lookOf({ state, error }: Ended["run"]): News["look"] {
  if (state === "succeeded") return "done";
  if (NEEDS_OWNER.has(state)) return "needs";
  // One that was taken back since it failed has failed; one that was stopped by whoever drives it has not.
  return state === "failed" || error !== undefined ? "error" : "waits";
}

/** The worst first. */
const LOOKS: readonly News["look"][] = ["error", "needs", "waits", "done"];

export function worstOf(ended: readonly Ended[]): News["look"] {
  const looks = new Set(ended.map(({ run }) => lookOf(run)));
  return LOOKS.find((look) => looks.has(look)) ?? "done";
}

export function wordsOf(ended: readonly Ended[], { t, format }: I18n): { title: string; text: string } {
  const [first, ...rest] = ended;
  if (first !== undefined && rest.length === 0) {
    const { customer, run, workspace } = first;
    const word = runWord(run, t);
    return { title: customer, text: workspace === undefined ? t.runs.notice(run.number, word) : t.runs.noticeElsewhere(run.number, word, workspace) };
  }
  const counts = new Map<string, number>();
  for (const { run } of ended) {
    const word = runWord(run, t);
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return {
    title: t.runs.news(format.number(ended.length)),
    text: [...counts].map(([word, count]) => `${word}: ${format.number(count)}`).join("; "),
  };
}

/** Where they are looked at: one on its page, many in the list, those of another workspace where that is opened. */
export function addressOf(ended: readonly Ended[]): string {
  const [first, ...rest] = ended;
  if (ended.every(({ workspace }) => workspace !== undefined)) return "/settings/workspaces";
  return first === undefined || rest.length > 0 ? "/runs" : pageOf(first.id);
}

/** The address of a run's page. */
export const pageOf = (id: RunId) => `/runs/${id}`;

/** What the way there is called. */
export function wayOf(ended: readonly Ended[], { t }: I18n): string {
  const address = addressOf(ended);
  if (address === "/runs") return t.frame.toRuns;
  return address === "/settings/workspaces" ? t.frame.toWorkspaces : t.errors.openRun;
}
