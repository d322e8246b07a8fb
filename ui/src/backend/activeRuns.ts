/** From a run that is on the screen to the count of those that go on, which is a list's and comes later by hints. */

import type { QueryClient } from "@tanstack/react-query";

import type { Overview, RunDetail, RunId, RunState } from "./bindings";
import { keys } from "./keys";
import type { Stop } from "./port";
import { isListedActive } from "./runStates";

/** The overview with a run as it stands by now; none where it says so already. One that was taken on again it lacks the rest of. */
function overviewWith(overview: Overview, run: RunId, state: RunState): Overview | undefined {
  const known = overview.active_runs.find((one) => one.run === run);
  if (known === undefined) return isListedActive(state) ? overview : undefined;
  if (known.state === state) return undefined;
  const others = overview.active_runs.filter((one) => one !== known);
  return { ...overview, active_runs: isListedActive(state) ? [...others, { ...known, state }] : others };
}

/** What is read anew of a run is in the overview at once, and the rest of that is asked for. */
export function followRuns(client: QueryClient): Stop {
  return client.getQueryCache().subscribe((event) => {
    if (event.type !== "updated" || event.action.type !== "success") return;
    const { queryKey } = event.query;
    if (queryKey[0] !== "run") return;
    const detail = client.getQueryData<RunDetail>(queryKey);
    const overview = client.getQueryData<Overview>(keys.overview);
    if (detail === undefined || overview === undefined) return;
    const now = overviewWith(overview, detail.run.id, detail.run.state);
    if (now === undefined) return;
    client.setQueryData(keys.overview, now);
    void client.invalidateQueries({ queryKey: keys.overview });
  });
}
