/** Gives the port to the queries and mutations below, and keeps their cache in step with Rust. */

import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect, useState, useSyncExternalStore } from "react";

import { followRuns } from "./activeRuns";
import { CommandError } from "./errors";
import { followHints } from "./hints";
import type { Port } from "./port";
import type { Shell } from "./shell";

const PortContext = createContext<Port | null>(null);

/** The lists that one comes back to. A hint tells of every change to them: what is kept is right as long as one is heard. */
const LISTS = ["customers", "counts", "runs", "requests"] as const;
/** How long they are kept out of sight: while Rust or the central database can't be reached, no other will be had. */
const LISTS_MS = 24 * 60 * 60_000;
/** And how many of each: whatever words were typed make a list. */
const LISTS_KEPT = 100;

/** Lets go of the lists out of sight, but for the newest. */
function letGoOfLists(client: QueryClient, list: string) {
  const left = client.getQueryCache().findAll({ queryKey: [list], fetchStatus: "idle", predicate: (query) => query.getObserversCount() === 0 });
  const oldest = left.toSorted((one, other) => other.state.dataUpdatedAt - one.state.dataUpdatedAt).slice(LISTS_KEPT);
  for (const query of oldest) client.getQueryCache().remove(query);
}

/** A cache of Rust's records: fresh until a hint says otherwise. */
export function createQueryClient(): QueryClient {
  const client = new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: Number.POSITIVE_INFINITY,
        refetchOnWindowFocus: false,
        // The backend is this machine: the browser's idea of "online" says nothing about it.
        networkMode: "always",
        retry: (failures, error) => !(error instanceof CommandError) && failures < 2,
        retryDelay: 500,
      },
      mutations: { networkMode: "always", retry: false },
    },
  });
  for (const list of LISTS) client.setQueryDefaults([list], { gcTime: LISTS_MS });
  // When the next one is looked at: one that is left may be taken up again in the same breath.
  client.getQueryCache().subscribe(({ type, query }) => {
    const list = LISTS.find((one) => one === query.queryKey[0]);
    if (type === "observerAdded" && list !== undefined) letGoOfLists(client, list);
  });
  return client;
}

export function BackendProvider({ port, children }: { port: Port; children: ReactNode }) {
  const [client] = useState(createQueryClient);
  useEffect(() => followHints(port, client), [port, client]);
  useEffect(() => followRuns(client), [client]);
  return (
    <PortContext value={port}>
      <QueryClientProvider client={client}>{children}</QueryClientProvider>
    </PortContext>
  );
}

export function usePort(): Port {
  const port = useContext(PortContext);
  if (port === null) throw new Error("no BackendProvider above");
  return port;
}

/** The desktop window; none in a browser. */
export function useShell(): Shell | undefined {
  return usePort().shell;
}

/** Whether Rust can be reached. */
export function useConnected(): boolean {
  const port = usePort();
  const [store] = useState(() => {
    let connected = true;
    return {
      subscribe: (changed: () => void) =>
        port.onConnection((now) => {
          connected = now;
          changed();
        }),
      get: () => connected,
    };
  });
  return useSyncExternalStore(store.subscribe, store.get);
}
