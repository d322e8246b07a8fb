/** Which requests have been looked at on this machine: the others weigh more in the list. */

import { useEffect, useSyncExternalStore } from "react";

import type { RequestId } from "@/backend/bindings";

const KEPT = "fabrik.requests.seen";
/** How many are remembered, the latest first: far more than wait at a time. */
const MOST = 500;
const watchers = new Set<() => void>();

const kept = () => localStorage.getItem(KEPT) ?? "";

function note(request: RequestId) {
  const seen = kept().split(" ");
  if (seen.includes(request)) return;
  localStorage.setItem(KEPT, [request, ...seen].slice(0, MOST).join(" "));
  for (const changed of watchers) changed();
}

/** Those that have been looked at; the one under review is. */
export function useSeen(shown: RequestId | undefined): ReadonlySet<RequestId> {
  const seen = useSyncExternalStore((changed) => {
    watchers.add(changed);
    return () => watchers.delete(changed);
  }, kept);
  useEffect(() => {
    if (shown !== undefined) note(shown);
  }, [shown]);
  return new Set(seen.split(" "));
}
