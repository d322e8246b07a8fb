/** The vendors' own spellings, in the order in which they are shown. */

import type { Provider } from "@/backend/bindings";

export const PROVIDER_TITLES: Record<Provider, string> = {
  supabase: "Supabase",
  github: "GitHub",
  vercel: "Vercel",
  n8n: "n8n",
  resend: "Resend",
  gitea: "Gitea",
  stripe: "Stripe",
};

/** Those that own something per customer: the columns of the stack. Resend sends, and has no mark. */
export const STACK: readonly Provider[] = ["supabase", "github", "vercel", "n8n", "gitea"];
