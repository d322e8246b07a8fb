import type { Customer, Plan, PlannedStep, Problem } from "@/backend/bindings";

const at = { expected_seconds: 1, action: "create" } as const;

/** A new customer's: everything is made. */
const fresh: PlannedStep[] = [
  { ...at, id: "project", kind: "supabase-project", provider: "supabase", name: "client-nordanvind", expected_seconds: 45 },
  { ...at, id: "schema", kind: "database-schema", provider: "supabase", expected_seconds: 6 },
  { ...at, id: "isolation", kind: "isolation-check", provider: "supabase", expected_seconds: 4 },
  { ...at, id: "admin", kind: "admin-user", provider: "supabase", name: "info@nordanvind.example" },
  { ...at, id: "repo", kind: "github-repo", provider: "github", name: "norrform/client-nordanvind", expected_seconds: 4 },
  { ...at, id: "config", kind: "client-config", provider: "github", name: "client-config.json" },
  { ...at, id: "site", kind: "vercel-project", provider: "vercel", name: "client-nordanvind" },
  { ...at, id: "variables", kind: "vercel-environment", provider: "vercel", name: "SUPABASE_URL, SUPABASE_ANON_KEY, SITE_URL", expected_seconds: 4 },
  { ...at, id: "deployment", kind: "vercel-deployment", provider: "vercel", expected_seconds: 40 },
  { ...at, id: "check", kind: "site-check", name: "nordanvind.norrform.example", expected_seconds: 2 },
  { ...at, id: "welcome", kind: "welcome-email", provider: "resend", name: "info@nordanvind.example" },
  { ...at, id: "finish", kind: "finalize" },
];

const price = { amount: "25.00", currency: "USD", as_of: "2026-11-01" };

export function planOf(customer: Customer): Plan {
  return { customer, can_run: true, steps: fresh, missing: [], expected_seconds: 98, monthly_price: price };
}

const noKey: Problem = { code: "credential_missing", provider: "resend" };
const taken: Problem = { code: "name_taken", name: "norrform/client-nordanvind", provider: "github" };

/** The database is there; the repository is somebody else's, and a credential is missing. */
export function blockedPlanOf(customer: Customer): Plan {
  const changed: Record<string, Partial<PlannedStep>> = {
    project: { action: "adopt" },
    schema: { action: "skip" },
    repo: { action: "conflict", because: taken },
    welcome: { action: "blocked", because: noKey },
  };
  return {
    ...planOf(customer),
    can_run: false,
    steps: fresh.map((step) => ({ ...step, ...changed[step.id] })),
    missing: [noKey, { code: "credential_scope_missing", scopes: ["workflow"], provider: "github" }, taken],
    expected_seconds: 54,
  };
}
