/** What a run's state says of whether it goes on. */

import type { RunState } from "./bindings";

const LIVE: ReadonlySet<RunState> = new Set<RunState>(["queued", "running", "undoing"]);
const LISTED: ReadonlySet<RunState> = new Set<RunState>([...LIVE, "waiting"]);
const OPEN: ReadonlySet<RunState> = new Set<RunState>([...LISTED, "interrupted"]);

/** A process is at work on it now, or about to be. */
export const isLive = (state: RunState) => LIVE.has(state);
/** The overview lists it among the active: it goes on, or waits for its owner. */
export const isListedActive = (state: RunState) => LISTED.has(state);
/** It has not ended: it stands in the way of the next. */
export const isOpen = (state: RunState) => OPEN.has(state);
