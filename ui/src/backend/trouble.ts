/** What goes wrong with what is on the screen, gathered from all reads and writes, so that it can be said in one place. */

import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState, useSyncExternalStore } from "react";

import type { Problem } from "./bindings";
import { problemOf } from "./errors";

/** How often what failed is asked for again. */
const AGAIN_MS = 15_000;

/** What stands in the way of every write, whatever it was that met it. */
const OF_THE_MACHINE: ReadonlySet<Problem["code"]> = new Set<Problem["code"]>([
  "database_busy",
  "database_read_only",
  "database_damaged",
  "database_unreachable",
  "database_server_read_only",
  "database_left",
  "disk_full",
]);

export interface Trouble {
  /** Each kind once. */
  problems: readonly Problem[];
  /** Since when the oldest of what is still shown is known, in ms. */
  known?: number;
}

const NONE: Trouble = { problems: [] };

/** Reads that failed while what they gave before is still on the screen. One that gave nothing says so in its place. */
function failedReads(client: QueryClient) {
  return client
    .getQueryCache()
    .getAll()
    .filter((query) => query.getObserversCount() > 0 && query.state.status === "error" && query.state.data !== undefined);
}

/** The newest write that the machine refused, or that has no other place to say why it failed, until one goes through. */
function failedWrite(client: QueryClient): Problem | undefined {
  const settled = client
    .getMutationCache()
    .getAll()
    .filter(({ state, meta }) => (state.status === "error" || state.status === "success") && meta?.saidThere !== true)
    .toSorted((one, other) => one.state.submittedAt - other.state.submittedAt);
  const newest = settled.at(-1);
  const problem = problemOf(newest?.state.error);
  return problem !== undefined && (OF_THE_MACHINE.has(problem.code) || newest?.meta?.saidAbove === true) ? problem : undefined;
}

function troubleOf(client: QueryClient): Trouble {
  const reads = failedReads(client);
  const found = [failedWrite(client), ...reads.map((query) => problemOf(query.state.error))];
  const byCode = new Map(found.flatMap((problem) => (problem === undefined ? [] : [[problem.code, problem] as const])));
  if (byCode.size === 0) return NONE;
  return {
    problems: [...byCode.values()],
    known: reads.length === 0 ? undefined : Math.min(...reads.map((query) => query.state.dataUpdatedAt)),
  };
}

/** When the oldest was read of what is on the screen and known to be old, in ms; infinite where nothing is. */
export function oldestRead(client: QueryClient): number {
  const old = client
    .getQueryCache()
    .getAll()
    .filter((query) => query.getObserversCount() > 0 && query.state.isInvalidated && query.state.data !== undefined);
  return Math.min(...old.map(({ state }) => state.dataUpdatedAt));
}

/**
 * From when what is on the screen is, once the connection is lost, in ms. Until then every change was heard of, however long ago
 * a thing was read; but a list that was out of sight was not read again for it.
 */
export function useKnownSince(): number {
  const client = useQueryClient();
  const [lost] = useState(() => Date.now());
  const [store] = useState(() => ({
    subscribe: (changed: () => void) => client.getQueryCache().subscribe(changed),
    get: () => oldestRead(client),
  }));
  return Math.min(lost, useSyncExternalStore(store.subscribe, store.get));
}

/** Looks again only when something of it changed. */
function watch(client: QueryClient) {
  let now = NONE;
  let told = "";
  return {
    subscribe(changed: () => void) {
      const look = () => {
        const next = troubleOf(client);
        const words = JSON.stringify(next);
        if (words === told) return;
        now = next;
        told = words;
        changed();
      };
      const stops = [client.getQueryCache().subscribe(look), client.getMutationCache().subscribe(look)];
      return () => {
        for (const stop of stops) stop();
      };
    },
    get: () => now,
  };
}

/** What goes wrong now, and another try. While something does, tries are made by themselves. */
export function useTrouble(): Trouble & { again(): void } {
  const client = useQueryClient();
  const [watched] = useState(() => watch(client));
  const trouble = useSyncExternalStore(watched.subscribe, watched.get);
  const again = () => {
    for (const query of failedReads(client)) void query.fetch().catch(() => undefined);
  };
  const failing = trouble.problems.length > 0;
  useEffect(() => {
    if (!failing) return undefined;
    const timer = setInterval(again, AGAIN_MS);
    return () => clearInterval(timer);
  }, [failing]);
  return { ...trouble, again };
}
