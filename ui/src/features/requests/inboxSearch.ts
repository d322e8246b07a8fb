/** What the address of the inbox says: selection and request, so that a link and the way back keep them. */

import type { RequestId, RequestQuery, RequestState } from "@/backend/bindings";
import { textOf } from "@/components/given";

export interface InboxSearch {
  /** What is decided or put away; else what waits. */
  archive?: boolean;
  request?: RequestId;
  /** The dialog for a new request is open. */
  new?: boolean;
}

export const OPEN: readonly RequestState[] = ["open"];
export const ARCHIVE: readonly RequestState[] = ["archived", "approved", "rejected", "withdrawn", "settled"];

/** As many as somebody looks through, the undecided first; what is older is found by the customer. */
const SHOWN = 200;

/** Reads an address; what it says that can't be is left out. */
export function readInboxSearch(given: Record<string, unknown>): InboxSearch {
  return {
    archive: given.archive === true || undefined,
    request: textOf(given.request),
    new: given.new === true || undefined,
  };
}

/** The query for Rust. */
export function requestQueryOf({ archive }: InboxSearch): RequestQuery {
  return { states: [...(archive ? ARCHIVE : OPEN)], limit: SHOWN, offset: 0 };
}
