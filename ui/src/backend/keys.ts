/** The cache's keys. A key's first word is what `hints.ts` invalidates by. */

import type { CustomerId, CustomerQuery, Language, OnboardingRequest, RequestId, RequestQuery, RunId, RunQuery } from "./bindings";

export const keys = {
  overview: ["overview"] as const,
  customers: (query: CustomerQuery) => ["customers", query] as const,
  /** The beginning of each of those. */
  customerPages: ["customers"] as const,
  customer: (customer: CustomerId) => ["customer", customer] as const,
  neighbours: (customer: CustomerId, query: CustomerQuery) => ["neighbours", customer, query] as const,
  plan: (customer: CustomerId) => ["plan", customer] as const,
  removal: (customer: CustomerId) => ["removal", customer] as const,
  welcome: (customer: CustomerId) => ["welcome", customer] as const,
  check: (name: string, subdomain: string, except: CustomerId | null) => ["check", name, subdomain, except] as const,
  suggestion: (name: string) => ["suggestion", name] as const,
  counts: ["counts"] as const,
  blueprints: ["blueprints"] as const,
  shelf: ["shelf"] as const,
  blueprintContents: (name: string) => ["blueprintContents", name] as const,
  blueprintVersions: (name: string) => ["blueprintVersions", name] as const,
  blueprintDraft: (name: string, language: Language, edit: number) => ["blueprintDraft", name, language, edit] as const,
  blueprintCheck: (name: string, language: Language) => ["blueprintCheck", name, language] as const,
  requests: (query: RequestQuery) => ["requests", query] as const,
  request: (request: RequestId) => ["request", request] as const,
  review: (request: OnboardingRequest, subdomain: string) => ["review", request.id, request.updated_at, subdomain] as const,
  runs: (query: RunQuery) => ["runs", query] as const,
  run: (run: RunId) => ["run", run] as const,
  credentials: ["credentials"] as const,
  keyring: ["keyring"] as const,
  settings: ["settings"] as const,
  diagnosis: ["diagnosis"] as const,
  standing: ["standing"] as const,
  workspaces: ["workspaces"] as const,
  updates: ["updates"] as const,
  database: ["database"] as const,
  source: ["source"] as const,
  importProgress: ["importProgress"] as const,
};
