/** An instance's address as people read it, and the pages that are known of it. */

import type { Customer, LinkTarget } from "@/backend/bindings";

/** Host and path of a URL, the path only where it says something; what is no URL stays as it is. */
export function shortAddress(url: string): string {
  if (!URL.canParse(url)) return url;
  const { host, pathname } = new URL(url);
  return host + pathname.replace(/\/$/, "");
}

/** A customer's domain as a list has it: one of its own whole, else what tells it apart from the others. */
export function domainOf({ subdomain, production_url: url }: Pick<Customer, "subdomain" | "production_url">): string {
  if (url === undefined || !URL.canParse(url)) return subdomain;
  const { hostname } = new URL(url);
  const own = hostname.includes(".") && /[a-z]/.test(hostname) && !hostname.startsWith(`${subdomain}.`) && !hostname.endsWith(".vercel.app");
  return own ? hostname : subdomain;
}

/** The instance's pages that are known of a row. */
export function linksOf(row: Pick<Customer, "production_url" | "github_repo_url" | "supabase_project_ref">): LinkTarget[] {
  const known: [LinkTarget, string | undefined][] = [
    ["production", row.production_url],
    ["github", row.github_repo_url],
    ["supabase", row.supabase_project_ref],
  ];
  return known.filter(([, url]) => url !== undefined).map(([target]) => target);
}
