/** The cache's keys. A key's first word is what `hints.ts` invalidates by. */

import type { CustomerId, CustomerQuery, RunId } from "./bindings";

export const keys = {
  overview: ["overview"] as const,
  customers: (query: CustomerQuery) => ["customers", query] as const,
  customer: (customer: CustomerId) => ["customer", customer] as const,
  neighbours: (customer: CustomerId, query: CustomerQuery) => ["neighbours", customer, query] as const,
  removal: (customer: CustomerId) => ["removal", customer] as const,
  welcome: (customer: CustomerId) => ["welcome", customer] as const,
  check: (name: string, subdomain: string, except: CustomerId | null) => ["check", name, subdomain, except] as const,
  suggestion: (name: string) => ["suggestion", name] as const,
  blueprints: ["blueprints"] as const,
  runs: (customer: CustomerId | null) => ["runs", customer] as const,
  run: (run: RunId) => ["run", run] as const,
  credentials: ["credentials"] as const,
  settings: ["settings"] as const,
  diagnosis: ["diagnosis"] as const,
};
