/** From hints to the cache: what a hint is about is asked for again, if it is on the screen. */

import type { QueryClient } from "@tanstack/react-query";

import type { Change, Port, Stop, Topic } from "./port";

/** How long hints are gathered: a run under way gives many in a moment. */
const GATHER_MS = 120;

/** The first words of the keys that a topic touches. */
const TOUCHED: Record<Topic, readonly string[]> = {
  customers: ["customers", "customer", "overview", "check", "suggestion"],
  runs: ["runs", "run", "customers", "customer", "overview"],
  settings: ["settings", "overview", "diagnosis"],
  credentials: ["credentials", "overview", "diagnosis"],
};

/** Kinds of records of which one alone is on the screen: a hint about another leaves it be. */
const ONE_RECORD: Partial<Record<string, Topic>> = { run: "runs" };

function touches(key: readonly unknown[], change: Change): boolean {
  const [word, id] = key;
  if (typeof word !== "string" || !TOUCHED[change.topic].includes(word)) return false;
  return ONE_RECORD[word] !== change.topic || change.id === "" || change.id === id;
}

export function followHints(port: Port, client: QueryClient): Stop {
  let gathered: Change[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;

  const flush = () => {
    timer = undefined;
    const changes = gathered;
    gathered = [];
    void client.invalidateQueries({
      predicate: (query) => changes.some((change) => touches(query.queryKey, change)),
    });
  };
  const stopHints = port.onHint((change) => {
    gathered.push(change);
    timer ??= setTimeout(flush, GATHER_MS);
  });
  // What happened while there was no connection was not heard: everything is asked for again.
  const stopConnection = port.onConnection((connected) => {
    if (connected) void client.invalidateQueries();
  });
  return () => {
    clearTimeout(timer);
    stopHints();
    stopConnection();
  };
}
