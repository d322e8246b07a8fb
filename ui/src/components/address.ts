/** An instance's address as people read it. */

/** Host and path of a URL, the path only where it says something; what is no URL stays as it is. */
export function shortAddress(url: string): string {
  if (!URL.canParse(url)) return url;
  const { host, pathname } = new URL(url);
  return host + pathname.replace(/\/$/, "");
}
