/** What the address of the list of runs says: words, states and page, so that a link and the way back keep them. */

import type { RunCount, RunQuery, RunState } from "@/backend/bindings";
import { oneOf, textOf } from "@/components/given";
import { keptSearch } from "@/components/listPlace";

/** States that mean the same to who looks for a run: each group is a tab, what needs the owner first. */
export const GROUPS = {
  needs: ["waiting", "interrupted", "leftovers"],
  under_way: ["running", "queued", "undoing"],
  failed: ["failed"],
  done: ["succeeded"],
  undone: ["rolled_back", "cancelled"],
} as const satisfies Record<string, readonly RunState[]>;

export type RunGroup = keyof typeof GROUPS;

export const GROUP_NAMES = Object.keys(GROUPS) as RunGroup[];

export interface RunSearch {
  q?: string;
  group?: RunGroup;
  /** From 1; the first where nothing is said. */
  page?: number;
}

/** How many runs a page has. */
export const RUNS_PER_PAGE = 50;

/** Reads an address; what it says that can't be is left out. */
export function readRunSearch(given: Record<string, unknown>): RunSearch {
  const page = typeof given.page === "number" && Number.isInteger(given.page) && given.page > 1 ? given.page : undefined;
  return {
    q: textOf(given.q),
    group: oneOf(GROUP_NAMES, given.group),
    page,
  };
}

/** What the list was asked for last: the way back to it. */
export const lastRunSearch = () => readRunSearch(keptSearch("runs"));

/** The query for Rust. */
export function runQueryOf({ q, group, page = 1 }: RunSearch): RunQuery {
  return {
    search: q,
    states: group === undefined ? [] : [...GROUPS[group]],
    limit: RUNS_PER_PAGE,
    offset: (page - 1) * RUNS_PER_PAGE,
  };
}

/** Something hides rows. */
export const isFiltered = ({ q, group }: RunSearch) => q !== undefined || group !== undefined;

/** How many runs a tab stands for; all of them where none is named. */
export function countOf(counts: readonly RunCount[], group?: RunGroup): number {
  const states: readonly RunState[] | undefined = group && GROUPS[group];
  return counts.reduce((sum, { state, count }) => sum + (states === undefined || states.includes(state) ? count : 0), 0);
}
