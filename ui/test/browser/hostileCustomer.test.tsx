/** The customer's page with names and links that somebody chose to do harm. A file of its own: it runs beside the lists. */

import { describe, expect, it } from "vitest";

import { customerDetail, customers } from "../records/customers";
import { names } from "../records/naughty";
import { expectHarmless, said, seen } from "./harmless";
import { open } from "./open";

const sample = customers[1]!;

/** What a browser would run, or read as a page, if it were a link. */
const LINKS = [
  "javascript:alert(1)",
  "JaVaScRiPt:alert(1)",
  " javascript:alert(1)",
  "java\tscript:alert(1)",
  "javascript://akermark.se/%0Aalert(1)",
  "vbscript:msgbox(1)",
  "data:text/html,<script>alert(1)</script>",
  "//evil.example",
];

/** Opens the page of a customer with these fields, and sees that they are text, or nothing. */
async function shown(fields: Partial<typeof sample>) {
  const row = { ...sample, ...fields };
  await open("/customers/c1", {}, { customer_get: () => customerDetail(row) });
  await expect.poll(() => said("#root h1")[0]).toBe(seen(row.name));
  expectHarmless();
}

describe("S6 hostile names and links on the customer's page are text", () => {
  it.each(names.map((name) => [JSON.stringify(name), name] as const))("%s", async (_, name) => {
    await shown({ name, contact_name: name, external_id: name, plan: name, production_url: name, github_repo_url: name });
  });

  it.each(LINKS.map((link) => [JSON.stringify(link), link] as const))("the link %s", async (_, link) => {
    await shown({ production_url: link, github_repo_url: link });
  });
});
