import type { BlueprintSummary } from "@/backend/bindings";

export const factory: BlueprintSummary = {
  name: "factory",
  version: 14,
  title: { sv: "Företag med kundportal", en: "Business with a portal" },
  description: { sv: "Databas, repo, sajt och välkomstmejl.", en: "Database, repository, site and welcome mail." },
  plans: [
    { name: "starter", title: { sv: "Start", en: "Starter" }, monthly_price: { amount: "25.00", currency: "USD", as_of: "2026-11-01" } },
    { name: "professional", title: { sv: "Professional", en: "Professional" }, monthly_price: { amount: "45.00", currency: "USD", as_of: "2026-11-01" } },
  ],
  modules: ["crm", "email", "social", "content"],
  providers: ["supabase", "github", "vercel", "resend"],
  steps: [
    { id: "supabase", kind: "supabase-project", needs: [] },
    { id: "schema", kind: "database-schema", needs: ["supabase"] },
    { id: "admin", kind: "admin-user", needs: ["schema"] },
    { id: "repo", kind: "github-repo", needs: [] },
    { id: "config", kind: "client-config", needs: ["repo"] },
    { id: "project", kind: "vercel-project", needs: ["config"] },
    { id: "site", kind: "vercel-deployment", needs: ["project", "schema"] },
    { id: "welcome", kind: "welcome-email", needs: ["site"] },
  ],
  expected_seconds: 100,
};

/** One whose customers share a repository. */
export const agency: BlueprintSummary = {
  ...factory,
  name: "agency",
  version: 6,
  title: { sv: "Projekthantering för byråer", en: "Project management for agencies" },
  providers: ["supabase", "vercel", "resend"],
  steps: factory.steps.filter(({ kind }) => kind !== "github-repo" && kind !== "client-config"),
};
