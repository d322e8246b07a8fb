/** What the owner has ticked off of a run's leftovers: a note to oneself, kept until nothing is left over. */

import { useEffect, useState } from "react";

import type { ResourceId, RunId } from "@/backend/bindings";

const keyOf = (run: RunId) => `fabrik.handled.${run}`;

function read(run: RunId): ReadonlySet<ResourceId> {
  return new Set((localStorage.getItem(keyOf(run)) ?? "").split(" ").filter(Boolean));
}

export function useHandled(run: RunId, anyLeft: boolean) {
  const [handled, setHandled] = useState(() => read(run));
  useEffect(() => {
    if (!anyLeft) localStorage.removeItem(keyOf(run));
  }, [run, anyLeft]);
  return {
    handled,
    tick(resource: ResourceId, done: boolean) {
      const next = new Set(handled);
      if (done) next.add(resource);
      else next.delete(resource);
      localStorage.setItem(keyOf(run), [...next].join(" "));
      setHandled(next);
    },
  };
}
