/** What a run's state means for its clock. */

import type { RunState } from "@/backend/bindings";

const LIVE: ReadonlySet<RunState> = new Set<RunState>(["queued", "running", "undoing"]);
const ACTIVE: ReadonlySet<RunState> = new Set<RunState>([...LIVE, "waiting", "interrupted"]);

/** A process is at work on it now. */
export const isLive = (state: RunState) => LIVE.has(state);
/** It has not ended. */
export const isActive = (state: RunState) => ACTIVE.has(state);
