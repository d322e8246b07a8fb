import type { CustomerDetail, CustomerRow, InstanceState, MarkState, Run } from "@/backend/bindings";

import { factory } from "./blueprints";
import { runOf } from "./runs";

/** Every record is of this moment. */
export const NOW = Date.parse("2026-11-21T12:56:41Z");
const MINUTE = 60_000;
const ago = (minutes: number) => new Date(NOW - minutes * MINUTE).toISOString();

const MARKS: Record<InstanceState, MarkState> = {
  active: "live",
  new: "absent",
  paused: "live",
  stopped: "absent",
  setting_up: "setting_up",
  needs_you: "live",
};

/** Name, subdomain, state, minutes since the last change, credits. */
const LIST: readonly (readonly [string, string, InstanceState, number, number])[] = [
  ["Åkermark Juristbyrå", "akermark", "setting_up", 0, 0],
  ["Nordanvind Byggkonsult", "nordanvind", "new", 300, 0],
  ["Klockargårdens Bageri", "klockargarden", "new", 4400, 0],
  ["Sjövik Camping & Stugor", "sjovik", "needs_you", 11, 45],
  ["Mälarstrand Konferens", "malarstrand", "active", 38, 2310],
  ["Kvarnbyns Tandvård", "kvarnbyn", "active", 60, 975],
  ["Tonika Musikskola", "tonika", "active", 120, 310],
  ["Örehus Fysioterapi", "orehus", "active", 130, 520],
  ["Lindqvist & Rosén Revision", "lindqvist-rosen", "active", 180, 1105],
  ["Fjällfrakt Logistik", "fjallfrakt", "needs_you", 240, 640],
  ["Häggliden Bilverkstad", "haggliden", "active", 360, 430],
  ["Västanå Kammarkör", "vastana", "active", 1000, 190],
  ["Östkustens Energiteknik", "ostkusten", "active", 1100, 1870],
  ["Ekbackens Ridskola", "ekbacken", "active", 1200, 62],
  ["Studio Kåseri", "kaseri", "active", 1300, 715],
  ["Skärgårdskrogen Måsen", "masen", "paused", 1400, 0],
  ["Tallbackens Hemtjänst", "tallbacken", "active", 1500, 1530],
  ["Vintergatans Förlag", "vintergatan", "active", 2900, 288],
  ["Björkåsa Förskolor", "bjorkasa", "active", 3000, 860],
  ["Gullmarens Båtvarv", "gullmaren", "active", 5000, 1240],
];

export function customerRow(
  place: number,
  [name, subdomain, state, minutes, credits]: (typeof LIST)[number],
): CustomerRow {
  const mark = MARKS[state];
  const has = state !== "new";
  const run: Run | undefined = has
    ? runOf({
        customer: `c${place}`,
        state: state === "setting_up" ? "running" : state === "needs_you" ? "failed" : "succeeded",
        started_at: ago(minutes + 2),
        finished_at: state === "setting_up" ? undefined : ago(minutes),
      })
    : undefined;
  return {
    id: `c${place}`,
    name,
    subdomain,
    slug: subdomain,
    status: state === "new" || state === "setting_up" ? "pending" : state === "paused" ? "inactive" : "active",
    plan: place % 3 === 0 ? "professional" : "starter",
    blueprint: "factory",
    contact_email: `info@${subdomain}.example`,
    contact_name: "Anna-Karin Sjöberg",
    language: "sv",
    credits,
    modules: ["crm", "email", "social", "content"],
    ...(state === "active" || state === "paused"
      ? {
          production_url: `https://${subdomain}.norrform.example`,
          github_repo_url: `https://github.com/norrform/client-${subdomain}`,
          supabase_project_ref: "mvqkzrtyhbnwplxodcea",
        }
      : {}),
    created_at: "2026-03-04T08:00:00Z",
    updated_at: ago(minutes),
    state,
    stack: [
      { provider: "supabase", state: mark },
      { provider: "github", state: state === "needs_you" ? "needs_you" : state === "setting_up" ? "live" : mark },
      { provider: "vercel", state: mark },
      { provider: "resend", state: mark },
    ],
    last_run: run,
    ...(state === "setting_up" ? { progress: { done: 3, total: 12 } } : {}),
    monthly_price: { amount: place % 3 === 0 ? "45.00" : "25.00", currency: "USD", as_of: "2026-11-01" },
    expected_seconds: 100,
  };
}

export const customers: CustomerRow[] = LIST.map((entry, place) => customerRow(place, entry));

/** As many customers as wanted, for the list's own sake. */
export function manyCustomers(count: number): CustomerRow[] {
  return Array.from({ length: count }, (_, place) =>
    customerRow(place, [`Kund ${String(place).padStart(5, "0")}`, `kund-${place}`, "active", place, place]),
  );
}

export function customerDetail(row: CustomerRow): CustomerDetail {
  const made = row.state !== "new";
  const links = made
    ? [
        { target: "production" as const, url: `https://${row.subdomain}.norrform.example` },
        { target: "github" as const, url: `https://github.com/norrform/client-${row.subdomain}` },
        { target: "supabase" as const, url: "https://supabase.com/dashboard/project/mvqkzrtyhbnwplxodcea" },
        { target: "vercel" as const, url: `https://vercel.com/norrform/client-${row.subdomain}` },
      ]
    : [];
  const failed = row.state === "needs_you";
  return {
    row,
    links,
    cards: made
      ? [
          {
            provider: "supabase",
            state: "live",
            name: `client-${row.subdomain}`,
            copy: "mvqkzrtyhbnwplxodcea",
            facts: [
              { label: "region", value: "eu-north-1" },
              { label: "tables", value: "21" },
              { label: "administrator", value: row.contact_email },
              { label: "created_at", value: ago(1300) },
              { label: "origin", value: "created" },
            ],
          },
          {
            provider: "github",
            state: failed ? "needs_you" : "live",
            name: `norrform/client-${row.subdomain}`,
            copy: `norrform/client-${row.subdomain}`,
            facts: [
              { label: "branch", value: "main" },
              { label: "commit", value: "7e4b1c9" },
              { label: "created_at", value: ago(1300) },
            ],
            ...(failed
              ? {
                  problem: {
                    code: "credential_scope_missing" as const,
                    scopes: ["workflow"],
                    provider: "github" as const,
                    request_id: "C1A4:3E02:9F1B7",
                    detail: "403 Resource not accessible by personal access token",
                  },
                }
              : {}),
          },
          {
            provider: "vercel",
            state: "live",
            name: `client-${row.subdomain}`,
            copy: `${row.subdomain}.norrform.example`,
            facts: [
              { label: "deployment", value: ago(1299) },
              { label: "created_at", value: ago(1299) },
            ],
          },
          {
            provider: "resend",
            state: "live",
            name: "Välkomstmejl",
            facts: [
              { label: "created_at", value: ago(1298) },
            ],
          },
        ]
      : factory.providers.map((provider) => ({ provider, state: "absent" as const, facts: [] })),
    resources: made
      ? (["supabase", "github", "vercel"] as const).map((provider) => ({
          key: `r-${provider}`,
          customer: row.id,
          run: "run-209",
          step: provider,
          provider,
          kind: provider === "github" ? ("repository" as const) : provider === "vercel" ? ("vercel_project" as const) : ("supabase_project" as const),
          id: "x",
          name: `client-${row.subdomain}`,
          url: "https://example.com/",
          origin: "created" as const,
          state: "live" as const,
          at: ago(1300),
        }))
      : [],
    runs: row.last_run === undefined ? [] : [row.last_run],
    modules_changed: false,
    plan_changed: false,
    takes_members: false,
    activity: [
      ...(failed ? [{ at: ago(11), operator: "Emil Norrby", action: "run.failed", run: "run-213", run_number: 213, facts: {} }] : []),
      { at: ago(205), operator: "Klara Wiberg", action: "customer.edited", facts: { credits: "860" } },
      ...(made ? [{ at: ago(1240), operator: "Emil Norrby", action: "run.succeeded", run: "run-209", run_number: 209, facts: {} }] : []),
      ...(made ? [{ at: ago(1242), operator: "Emil Norrby", action: "run.started", run: "run-209", run_number: 209, facts: {} }] : []),
      { at: ago(4300), operator: "Klara Wiberg", action: "customer.edited", facts: { production_url: "" } },
      { at: ago(5000), operator: "Klara Wiberg", action: "customer.added", facts: {} },
    ],
    domains:
      row.id === "c19"
        ? [
            {
              customer: row.id,
              customer_name: row.name,
              domain: "www.gullmarensbatvarv.se",
              verified: false,
              problem: {
                code: "domain_pending",
                domain: "www.gullmarensbatvarv.se",
                provider: "vercel",
                records: [
                  { kind: "CNAME", name: "www.gullmarensbatvarv.se", value: "cname.vercel-dns.com" },
                  { kind: "TXT", name: "_vercel.gullmarensbatvarv.se", value: "vc-domain-verify=www.gullmarensbatvarv.se,4f1c9a7be2d05c33" },
                ],
              },
              since: ago(1500),
            },
          ]
        : [],
    blueprint: factory,
  };
}
