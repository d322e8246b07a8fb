/** From hints to the cache: what a hint is about is asked for again, if it is on the screen. */

import type { QueryClient } from "@tanstack/react-query";

import { gather } from "./gather";
import type { Change, Port, Stop, Topic } from "./port";

/** How long hints are gathered: a run under way gives many in a moment. */
const GATHER_MS = 120;
/** How long those that touch a whole list are: a list is never later than this, nor asked for more often. */
const GATHER_LISTS_MS = 1000;

/** The first words of the keys that a topic touches. */
const TOUCHED: Record<Topic, readonly string[]> = {
  customers: ["customers", "customer", "neighbours", "counts", "shelf", "welcome", "overview", "check", "suggestion"],
  runs: ["runs", "run", "customers", "customer", "counts", "removal", "welcome", "overview"],
  requests: ["requests", "request", "review", "overview"],
  settings: ["settings", "source", "workspaces", "welcome", "overview", "diagnosis"],
  credentials: ["credentials", "standing", "overview", "diagnosis"],
};

/** Lists, counts and summaries, which every event of every run would touch. */
const LISTS: ReadonlySet<string> = new Set(["customers", "customer", "neighbours", "counts", "shelf", "requests", "runs", "overview"]);

/** Kinds of records of which one alone is on the screen: a hint about another leaves it be. */
const ONE_RECORD: Partial<Record<string, Topic>> = { run: "runs", customer: "customers", request: "requests", review: "requests" };

function touches(key: readonly unknown[], change: Change): boolean {
  const [word, id] = key;
  if (typeof word !== "string" || !TOUCHED[change.topic].includes(word)) return false;
  return ONE_RECORD[word] !== change.topic || change.id === "" || change.id === id;
}

/** Gathers hints for a while, then asks again for what they are about, of the keys that are `mine`. */
function gatherer(client: QueryClient, whileMs: number, mine: (word: string) => boolean) {
  return gather<Change>(whileMs, (changes) => {
    void client.invalidateQueries({
      predicate: ({ queryKey }) => mine(String(queryKey[0])) && changes.some((change) => touches(queryKey, change)),
    });
  });
}

export function followHints(port: Port, client: QueryClient): Stop {
  const records = gatherer(client, GATHER_MS, (word) => !LISTS.has(word));
  const lists = gatherer(client, GATHER_LISTS_MS, (word) => LISTS.has(word));
  const stopHints = port.onHint((change) => {
    records.add(change);
    lists.add(change);
  });
  // What happened while there was no connection was not heard: everything is asked for again.
  const stopConnection = port.onConnection((connected) => {
    if (connected) void client.invalidateQueries();
  });
  return () => {
    records.stop();
    lists.stop();
    stopHints();
    stopConnection();
  };
}
