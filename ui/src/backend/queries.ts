/** What the screens read. */

import { keepPreviousData, useQuery } from "@tanstack/react-query";

import { usePort } from "./BackendProvider";
import type { CustomerId, CustomerQuery, RunId } from "./bindings";
import { keys } from "./keys";

export function useOverview() {
  const port = usePort();
  return useQuery({ queryKey: keys.overview, queryFn: () => port.call("overview", {}) });
}

/** The list keeps its rows while the next ones are asked for. */
export function useCustomers(query: CustomerQuery) {
  const port = usePort();
  return useQuery({
    queryKey: keys.customers(query),
    queryFn: () => port.call("customers_list", { query }),
    placeholderData: keepPreviousData,
  });
}

export function useCustomer(customer: CustomerId) {
  const port = usePort();
  return useQuery({
    queryKey: keys.customer(customer),
    queryFn: () => port.call("customer_get", { customer }),
  });
}

/** What is wrong with a name and a subdomain; asks nothing while both are empty. */
export function useCustomerCheck(name: string, subdomain: string, except: CustomerId | null, enabled: boolean) {
  const port = usePort();
  return useQuery({
    queryKey: keys.check(name, subdomain, except),
    queryFn: () => port.call("customer_check", { name, subdomain, except }),
    enabled,
    placeholderData: keepPreviousData,
  });
}

export function useSubdomainSuggestion(name: string) {
  const port = usePort();
  return useQuery({
    queryKey: keys.suggestion(name),
    queryFn: () => port.call("subdomain_suggest", { name }),
    enabled: name.trim() !== "",
    placeholderData: keepPreviousData,
  });
}

export function useBlueprints() {
  const port = usePort();
  return useQuery({ queryKey: keys.blueprints, queryFn: () => port.call("blueprints_list", {}) });
}

/** How many runs the list of runs shows. */
const RUNS_SHOWN = 200;

export function useRuns(customer: CustomerId | null) {
  const port = usePort();
  return useQuery({
    queryKey: keys.runs(customer),
    queryFn: () => port.call("runs_list", { customer, limit: RUNS_SHOWN }),
  });
}

export function useRun(run: RunId) {
  const port = usePort();
  return useQuery({ queryKey: keys.run(run), queryFn: () => port.call("run_get", { run }) });
}

export function useCredentials() {
  const port = usePort();
  return useQuery({ queryKey: keys.credentials, queryFn: () => port.call("credentials_list", {}) });
}

export function useSettings() {
  const port = usePort();
  return useQuery({ queryKey: keys.settings, queryFn: () => port.call("settings_list", {}) });
}

/** Looks at everything Fabrik stands on, the network too: asked for on its page alone. */
export function useDiagnosis() {
  const port = usePort();
  return useQuery({ queryKey: keys.diagnosis, queryFn: () => port.call("doctor", {}) });
}
