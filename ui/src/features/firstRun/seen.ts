/** Whether the guide has been gone through or skipped in this window. */

import type { Overview } from "@/backend/bindings";

const KEPT = "fabrik.firstRun";
const SEEN = "seen";

export const isSeen = () => localStorage.getItem(KEPT) === SEEN;

export const markSeen = () => localStorage.setItem(KEPT, SEEN);

/** The guide is for who has nothing yet: a workspace with customers needs no introduction. */
export const isFirstRun = ({ customers }: Overview) => customers === 0 && !isSeen();
