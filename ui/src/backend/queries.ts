/** What the screens read. */

import { keepPreviousData, type QueryClient, useQueries, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import { usePort, useShell } from "./BackendProvider";
import type { BlueprintFile, CustomerDetail, CustomerId, CustomerPage, CustomerQuery, CustomerRow, Density, Language, OnboardingRequest, Problem, RequestId, RequestQuery, RunDetail, RunId, RunQuery } from "./bindings";
import { problemOf } from "./errors";
import { keys } from "./keys";
import type { Updates } from "./shell";

/** How much room a row has, as chosen. */
export function useDensity(): Density {
  return useOverview().data?.density ?? "compact";
}

export function useOverview() {
  const port = usePort();
  return useQuery({ queryKey: keys.overview, queryFn: () => port.call("overview", {}) });
}

/** The first rows of a list, which stay while the next ones are asked for. */
export function useCustomers(query: CustomerQuery) {
  const port = usePort();
  return useQuery({
    queryKey: keys.customers(query),
    queryFn: () => port.call("customers_list", { query }),
    placeholderData: keepPreviousData,
  });
}

/** Which customers, in which order; not how many. */
export type CustomerList = Omit<CustomerQuery, "limit" | "offset">;

/** How many rows are asked for at once: the first ones are what a window 1440 pixels high shows, draws and asks for beside. */
export const ROWS_PER_PAGE = 64;
/** So far outside the view rows are asked for, that scrolling meets none on its way. */
const SLACK = 16;
/** How long rows out of view are kept. */
const KEPT_MS = 60_000;
/** And of how many pages, whatever list they are of. */
const KEPT_PAGES = 10;

/** Lets go of pages out of view, but for the newest: a bar that is dragged meets every page of a list within a moment. */
function letGoOfPages(client: QueryClient) {
  const pages = client.getQueryCache().findAll({ queryKey: keys.customerPages, type: "inactive", fetchStatus: "idle" });
  const oldest = pages.toSorted((one, other) => other.state.dataUpdatedAt - one.state.dataUpdatedAt).slice(KEPT_PAGES);
  for (const page of oldest) client.getQueryCache().remove(page);
}

/** A list of which only the part in view is known. */
export interface CustomerWindow {
  /** The first page, which tells how many there are. */
  head: ReturnType<typeof useCustomers>;
  total: number;
  /** The row at a place; none while it is on its way. */
  at(index: number): CustomerRow | undefined;
  /** The place of a customer, where it is known. */
  placeOf(customer: CustomerId): number | undefined;
  /** Asks for the rows from one place to another. */
  show(from: number, to: number): void;
  /** The rows from one place to another, also those out of view. */
  between(from: number, to: number): Promise<CustomerRow[]>;
}

/** The customers of a list, as far as they are in view. */
export function useCustomerWindow(list: CustomerList): CustomerWindow {
  const port = usePort();
  const client = useQueryClient();
  const [shown, setShown] = useState({ first: 0, last: 0 });
  const queryOf = (page: number): CustomerQuery => ({ ...list, limit: ROWS_PER_PAGE, offset: page * ROWS_PER_PAGE });
  const optionsOf = (page: number) => ({
    queryKey: keys.customers(queryOf(page)),
    queryFn: () => port.call("customers_list", { query: queryOf(page) }),
    gcTime: KEPT_MS,
  });
  const head = useCustomers(queryOf(0));
  const total = head.data?.total ?? 0;
  // Until the first page of another list is there, its rows are those of the last one.
  const last = head.isPlaceholderData ? 0 : Math.min(shown.last, Math.max(0, Math.ceil(total / ROWS_PER_PAGE) - 1));
  const first = Math.max(1, shown.first);
  const numbers = Array.from({ length: Math.max(0, last - first + 1) }, (_, place) => first + place);
  const rest = useQueries({ queries: numbers.map(optionsOf) });
  useEffect(() => letGoOfPages(client), [client, JSON.stringify(list), first, last]);
  const pages = new Map<number, CustomerPage | undefined>([[0, head.data], ...numbers.map((number, place) => [number, rest[place]?.data] as const)]);

  return {
    head,
    total,
    at: (index) => pages.get(Math.floor(index / ROWS_PER_PAGE))?.customers[index % ROWS_PER_PAGE],
    placeOf(customer) {
      for (const [number, page] of pages) {
        const place = page?.customers.findIndex((row) => row.id === customer) ?? -1;
        if (place >= 0) return number * ROWS_PER_PAGE + place;
      }
      return undefined;
    },
    show(from, to) {
      const next = {
        first: Math.max(0, Math.floor((from - SLACK) / ROWS_PER_PAGE)),
        last: Math.max(0, Math.floor((to + SLACK) / ROWS_PER_PAGE)),
      };
      setShown((now) => (now.first === next.first && now.last === next.last ? now : next));
    },
    async between(from, to) {
      const start = Math.max(0, Math.min(from, to));
      const end = Math.min(total - 1, Math.max(from, to));
      const wanted: CustomerPage[] = [];
      const firstPage = Math.floor(start / ROWS_PER_PAGE);
      for (let page = firstPage; page * ROWS_PER_PAGE <= end; page += 1) {
        wanted.push(await client.fetchQuery({ ...optionsOf(page), staleTime: Number.POSITIVE_INFINITY }));
      }
      return wanted
        .flatMap((page) => page.customers)
        .slice(start - firstPage * ROWS_PER_PAGE, end - firstPage * ROWS_PER_PAGE + 1);
    },
  };
}

/** The customers beside one, and its place among all, in the order of a list. Asked only while it is `wanted`. */
export function useNeighbours(customer: CustomerId, list: CustomerList, wanted = true) {
  const port = usePort();
  const query: CustomerQuery = { ...list, limit: 0, offset: 0 };
  return useQuery({
    queryKey: keys.neighbours(customer, query),
    queryFn: () => port.call("customer_neighbours", { customer, query }),
    enabled: wanted,
    placeholderData: keepPreviousData,
  });
}

/** What a run would do, by the vendors' own word: asked anew each time somebody looks, and never kept. */
export function usePlan(customer: CustomerId) {
  const port = usePort();
  return useQuery({
    queryKey: keys.plan(customer),
    queryFn: () => port.call("plan", { customer }),
    staleTime: 0,
    gcTime: 0,
  });
}

/** What removing a customer's instance would take away, and what would stay. */
export function useRemovalPlan(customer: CustomerId, enabled = true) {
  const port = usePort();
  return useQuery({
    queryKey: keys.removal(customer),
    queryFn: () => port.call("removal_plan", { customer }),
    enabled,
  });
}

/** A customer's welcome mail, as it would go out now. */
export function useWelcomePreview(customer: CustomerId) {
  const port = usePort();
  return useQuery({
    queryKey: keys.welcome(customer),
    queryFn: () => port.call("welcome_preview", { customer }),
  });
}

export function useCustomer(customer: CustomerId) {
  const port = usePort();
  return useQuery({
    queryKey: keys.customer(customer),
    queryFn: () => port.call("customer_get", { customer }),
  });
}

/** Customers in the order of their ids; none where one is on its way, or is not there any more. */
export function useCustomersById(ids: readonly CustomerId[]): (CustomerDetail | undefined)[] {
  const port = usePort();
  const found = useQueries({
    queries: ids.map((customer) => ({ queryKey: keys.customer(customer), queryFn: () => port.call("customer_get", { customer }) })),
  });
  return found.map(({ data, isError }) => (isError ? undefined : data));
}

/** Runs in the order of their ids; none where one is on its way, or is not there any more. */
export function useRunsById(ids: readonly RunId[]): (RunDetail | undefined)[] {
  const port = usePort();
  const found = useQueries({
    queries: ids.map((run) => ({ queryKey: keys.run(run), queryFn: () => port.call("run_get", { run }) })),
  });
  return found.map(({ data, isError }) => (isError ? undefined : data));
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

/** How many customers each state, plan and blueprint has, whatever the list is narrowed by. */
export function useCustomerCounts() {
  const port = usePort();
  return useQuery({ queryKey: keys.counts, queryFn: () => port.call("customer_counts", {}) });
}

export function useBlueprints() {
  const port = usePort();
  return useQuery({ queryKey: keys.blueprints, queryFn: () => port.call("blueprints_list", {}) });
}

/** Every blueprint, also those that can't be used. */
export function useShelf() {
  const port = usePort();
  return useQuery({ queryKey: keys.shelf, queryFn: () => port.call("blueprints_shelf", {}) });
}

/** What is wrong with each blueprint, in the order given; Rust looks at one at a time. The words are of a language. */
export function useBlueprintChecks(names: readonly string[], language: Language) {
  const port = usePort();
  return useQueries({
    queries: names.map((name) => ({
      queryKey: keys.blueprintCheck(name, language),
      queryFn: () => port.call("blueprint_check", { name }),
    })),
  });
}

/** Requests of the inbox. */
export function useRequests(query: RequestQuery) {
  const port = usePort();
  return useQuery({
    queryKey: keys.requests(query),
    queryFn: () => port.call("requests_list", { query }),
    placeholderData: keepPreviousData,
  });
}

export function useRequest(request: RequestId) {
  const port = usePort();
  return useQuery({ queryKey: keys.request(request), queryFn: () => port.call("request_get", { request }) });
}

/** Whether the names are free at every vendor, by their own word: asked anew each time somebody looks, and never kept. */
export function useReview(request: OnboardingRequest, subdomain: string, enabled: boolean) {
  const port = usePort();
  return useQuery({
    queryKey: keys.review(request, subdomain),
    queryFn: () => port.call("request_review", { request: request.id, subdomain }),
    enabled,
    staleTime: 0,
    gcTime: 0,
  });
}

/** A blueprint's files. Read at each opening: they may be changed on disk too. */
export function useBlueprintContents(name: string) {
  const port = usePort();
  return useQuery({ queryKey: keys.blueprintContents(name), queryFn: () => port.call("blueprint_open", { name }), gcTime: 0 });
}

/** A blueprint's versions of before. Each saving adds one. */
export function useBlueprintVersions(name: string) {
  const port = usePort();
  return useQuery({ queryKey: keys.blueprintVersions(name), queryFn: () => port.call("blueprint_versions", { name }), gcTime: 0 });
}

/** What is wrong with files that are not saved yet; of the edit before while the looking is on. */
export function useBlueprintDraftCheck(name: string, language: Language, edit: number, files: () => BlueprintFile[]) {
  const port = usePort();
  return useQuery({
    queryKey: keys.blueprintDraft(name, language, edit),
    queryFn: () => port.call("blueprint_draft_check", { name, files: files() }),
    placeholderData: keepPreviousData,
    gcTime: 0,
  });
}

/** A page of the runs, which stays while the next one is asked for. */
export function useRuns(query: RunQuery) {
  const port = usePort();
  return useQuery({
    queryKey: keys.runs(query),
    queryFn: () => port.call("runs_list", { query }),
    placeholderData: keepPreviousData,
  });
}

/** A customer's newest run. Asked only while it is `wanted`. */
export function useNewestRun(customer: CustomerId, wanted: boolean) {
  const port = usePort();
  const query: RunQuery = { customer, states: [], limit: 1, offset: 0 };
  return useQuery({
    queryKey: keys.runs(query),
    queryFn: () => port.call("runs_list", { query }),
    enabled: wanted,
    select: ({ runs }) => runs[0],
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

/** How this machine's keyring is: looked at, never opened. */
export function useKeyringCheck() {
  const port = usePort();
  return useQuery({ queryKey: keys.keyring, queryFn: () => port.call("keyring_check", {}) });
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

export function useWorkspaces() {
  const port = usePort();
  return useQuery({ queryKey: keys.workspaces, queryFn: () => port.call("workspaces_list", {}) });
}

/** Where the central database is, from the next start. */
export function useDatabase() {
  const port = usePort();
  return useQuery({ queryKey: keys.database, queryFn: () => port.call("database", {}) });
}

/** The agency's own table of customers. */
export function useSource() {
  const port = usePort();
  return useQuery({ queryKey: keys.source, queryFn: () => port.call("source_get", {}) });
}

/** How often it is looked how far an import has come. */
const IMPORT_MS = 300;

/** How far the import that is under way has come, as a share; none while that is not known. */
export function useImportShare(underWay: boolean): number | undefined {
  const port = usePort();
  const { data } = useQuery({
    queryKey: keys.importProgress,
    queryFn: () => port.call("import_progress", {}),
    enabled: underWay,
    refetchInterval: IMPORT_MS,
    gcTime: 0,
  });
  return data === undefined || data === null || data.total === 0 ? undefined : data.done / data.total;
}

/** A keyring is locked, a disk fills up and a vendor falls silent without a hint. */
const STANDING_MS = 20_000;

/** What is wrong on this machine, and which vendors gave no answer. */
export function useStanding() {
  const port = usePort();
  return useQuery({ queryKey: keys.standing, queryFn: () => port.call("standing", {}), refetchInterval: STANDING_MS });
}

/** How often a new version is looked for while the window is open. */
const UPDATES_MS = 24 * 60 * 60_000;

/** What is known of new versions; none in a browser. One that can't be looked for stands in nobody's way: that is told
 * where one asks for it, and nowhere else. */
export function useUpdates() {
  const shell = useShell();
  return useQuery({
    queryKey: keys.updates,
    enabled: shell !== undefined,
    refetchInterval: UPDATES_MS,
    queryFn: async (): Promise<Updates | { state: "failed"; problem: Problem } | null> => {
      try {
        return (await shell?.updates()) ?? null;
      } catch (error) {
        const problem = problemOf(error);
        if (problem === undefined) throw error;
        return { state: "failed", problem };
      }
    },
  });
}
