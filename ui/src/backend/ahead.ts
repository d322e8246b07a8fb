/** What is asked for before the page that shows it is drawn. */

import { useQueryClient } from "@tanstack/react-query";

import { usePort } from "./BackendProvider";
import type { CustomerQuery } from "./bindings";
import { keys } from "./keys";
import { type CustomerList, ROWS_PER_PAGE } from "./queries";

/**
 * Asks for a list's first rows in the event that asks for the list: they are found while the address and the page follow.
 * The page then waits for the same answer; a list that is known is not asked for.
 */
export function useCustomersAhead(): (list: CustomerList) => void {
  const port = usePort();
  const client = useQueryClient();
  return (list) => {
    const query: CustomerQuery = { ...list, limit: ROWS_PER_PAGE, offset: 0 };
    void client.prefetchQuery({ queryKey: keys.customers(query), queryFn: () => port.call("customers_list", { query }) });
  };
}

/** Asks for the subdomain of a name before the typing rests; an answer that is there, or on its way, is that one. */
export function useSuggest(): (name: string) => Promise<string> {
  const port = usePort();
  const client = useQueryClient();
  return (name) => client.fetchQuery({ queryKey: keys.suggestion(name), queryFn: () => port.call("subdomain_suggest", { name }) });
}
