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
  steps: [],
  expected_seconds: 100,
};
