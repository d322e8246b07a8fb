/** What the address of a customer says: a link may lead straight to its removal. */

export interface CustomerSearch {
  /** The dialog of the instance's removal is open; of the customer's where there is no instance. */
  remove?: boolean;
}

/** Reads an address; what it says that can't be is left out. */
export function readCustomerSearch(given: Record<string, unknown>): CustomerSearch {
  return { remove: given.remove === true || undefined };
}
