/** An instance's address as people read it. */

/** Host and path of a URL, the path only where it says something; what is no URL stays as it is. */
export function shortAddress(url: string): string {
  if (!URL.canParse(url)) return url;
  const { host, pathname } = new URL(url);
  return host + pathname.replace(/\/$/, "");
}

/** A customer's domain as a list has it: one of its own whole, else what tells it apart from the others. */
export function domainOf({ subdomain, production_url: url }: { subdomain: string; production_url?: string }): string {
  if (url === undefined || !URL.canParse(url)) return subdomain;
  const { hostname } = new URL(url);
  const own = hostname.includes(".") && /[a-z]/.test(hostname) && !hostname.startsWith(`${subdomain}.`) && !hostname.endsWith(".vercel.app");
  return own ? hostname : subdomain;
}
