/** What the address of the customer list says: filter, tab and order, so that a link and the way back keep them. */

import type { CustomerSort, InstanceState } from "@/backend/bindings";
import type { CustomerList } from "@/backend/queries";
import { oneOf, textOf } from "@/components/given";
import { keptSearch } from "@/components/listPlace";

export interface ListSearch {
  q?: string;
  state?: InstanceState;
  blueprint?: string;
  plan?: string;
  sort?: CustomerSort;
  desc?: boolean;
  /** The dialog for a new customer is open. */
  new?: boolean;
}

/** The states, in the order of their tabs: what needs the owner first. */
export const STATES: readonly InstanceState[] = ["needs_you", "setting_up", "active", "stopped", "new", "paused"];
const SORTS: readonly CustomerSort[] = ["updated", "name", "credits", "status", "blueprint", "plan"];

/** Reads an address; what it says that can't be is left out. */
export function readListSearch(given: Record<string, unknown>): ListSearch {
  return {
    q: textOf(given.q),
    state: oneOf(STATES, given.state),
    blueprint: textOf(given.blueprint),
    plan: textOf(given.plan),
    sort: oneOf(SORTS, given.sort),
    desc: given.desc === true || undefined,
    new: given.new === true || undefined,
  };
}

/** What the list was asked for last: the way back to it. */
export function lastListSearch(): ListSearch {
  return { ...readListSearch(keptSearch("customers")), new: undefined };
}

/** The list for Rust. */
export function listOf(search: ListSearch): CustomerList {
  return {
    search: search.q,
    state: search.state,
    blueprint: search.blueprint,
    plan: search.plan,
    sort: search.sort ?? "updated",
    descending: search.desc ?? false,
  };
}

/** Something hides rows. */
export function isFiltered(search: ListSearch): boolean {
  return [search.q, search.state, search.blueprint, search.plan].some((word) => word !== undefined);
}

/** Without what hides rows. */
export function withoutFilter({ sort, desc }: ListSearch): ListSearch {
  return { sort, desc };
}

/** The order after a press on a column's head: the same column turns round. */
export function sortedBy(search: ListSearch, sort: CustomerSort): ListSearch {
  const same = (search.sort ?? "updated") === sort;
  return { ...search, sort, desc: same && !search.desc ? true : undefined };
}
