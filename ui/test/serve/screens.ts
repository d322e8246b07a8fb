/** Every screen: its address, and what is done there before it is looked at. */

import type { Page } from "playwright";

import type { Commands, Problem } from "@/backend/bindings";
import type { I18n } from "@/i18n/I18nProvider";

import { type Agency, OWN_BLUEPRINT } from "./agency";

export interface Visit {
  page: Page;
  t: I18n["t"];
}

export interface Screen {
  name: string;
  address: string;
  /** What is done before it is gone to. */
  prepare?(visit: Visit): Promise<void>;
  /** What is done there before it is looked at. */
  act?(visit: Visit): Promise<void>;
  /** Its answer never comes: what stands in for it is what is looked at. */
  waits?: true;
  /** Looked at in one size and one theme of each language. */
  once?: true;
  /** Looked at in one more size, in which its columns have the least room. */
  tight?: true;
}

const menuItem = async ({ page }: Visit, name: string) => {
  await page.keyboard.press(".");
  await page.getByRole("menuitem", { name }).click();
};

const press = (...keys: string[]) =>
  async ({ page }: Visit) => {
    for (const key of keys) await page.keyboard.press(key);
  };

/** A file with a customer to add, one that is there already, and one with a name that is none. */
const TO_IMPORT = `name,subdomain,contact_email
Bruks Trädgård,bruks,anna@bruks.example
Åkermark Två,akermark,info@akermark.example
Ån,Å n,ingen`;

/** A list of members: one to add, one who is there, and one who can't be read. */
const MEMBERS = `namn;e-post;instrument;ställning;anteckning
Anna Åker;anna@ljusdal.example;violin, viola;ordinarie;
Greta Ljung;kansli@ljusdal.example;;;
Dan Ek;dan@ljusdal.example;nyckelharpa;sjuk;`;

/** An agency's own table, looked at in the settings. */
async function mapped({ page, t }: Visit, url: string) {
  const card = page.getByRole("region", { name: t.source.title });
  await card.getByLabel(t.source.address).fill(url);
  await card.getByRole("button", { name: t.source.look }).click();
  await card.getByRole("group").first().waitFor();
  return card;
}

/** What disconnects the agency's own table. */
const disconnect = ({ page, t }: Visit) => page.getByRole("region", { name: t.source.title }).getByRole("button", { name: t.source.disconnect });

/** A step at the end of a blueprint that nobody knows how to take. */
const OF_NO_KIND = `
[[steps]]
id = "invoice"
kind = "fax"
`;

/** The first start: nothing is there. */
export const FIRST_START: readonly Screen[] = [
  ...["language", "keyring", "accounts", "blueprint", "customer"].map((step) => ({ name: `first-run-${step}`, address: `/first-run?step=${step}` })),
  { name: "customers-empty", address: "/customers" },
  { name: "runs-empty", address: "/runs" },
  { name: "requests-empty", address: "/requests" },
];

/** An agency at work. */
export const AT_WORK = ({ customer, run, request }: Agency, server: string): readonly Screen[] => [
  { name: "customers", address: "/customers", act: press("j", "j") },
  { name: "customers-none", address: "/customers?q=finns%20inte" },
  { name: "customers-chosen", address: "/customers?state=new", act: press("j", "j", "x", "j", "x", "j", "x") },
  {
    name: "customers-bulk",
    address: "/customers?state=new",
    async act(visit) {
      await press("j", "j", "x", "j", "x")(visit);
      await visit.page.getByRole("button", { name: visit.t.bulk.provision("2") }).click();
    },
  },
  { name: "customer-form", address: "/customers?new=true" },
  {
    name: "customer-form-faults",
    address: "/customers?new=true",
    async act({ page, t }) {
      await page.getByLabel(t.newCustomer.name, { exact: true }).fill("Åkermark Juristbyrå");
      await page.getByLabel(t.newCustomer.subdomain, { exact: true }).fill("akermark");
      await page.getByRole("button", { name: t.newCustomer.submit }).click();
    },
  },
  {
    name: "import",
    address: "/customers",
    async act({ page, t }) {
      await page.getByRole("button", { name: t.customers.import }).click();
      await page.locator("input[type=file]").setInputFiles({ name: "kunder.csv", mimeType: "text/csv", buffer: Buffer.from(TO_IMPORT) });
      await page.getByRole("dialog").getByRole("table").waitFor();
    },
  },
  { name: "customer", address: `/customers/${customer.done}` },
  { name: "customer-new", address: `/customers/${customer.fresh}` },
  { name: "customer-failed", address: `/customers/${customer.failed}` },
  { name: "customer-edit", address: `/customers/${customer.done}`, act: (visit) => menuItem(visit, visit.t.customer.edit) },
  { name: "instance-edit", address: `/customers/${customer.done}`, act: ({ page, t }) => page.getByRole("button", { name: t.customer.editByHand }).click() },
  { name: "welcome", address: `/customers/${customer.done}`, act: (visit) => menuItem(visit, visit.t.welcome.open) },
  { name: "plan", address: `/customers/${customer.fresh}`, act: (visit) => menuItem(visit, visit.t.plan.show) },
  {
    name: "removal",
    address: `/customers/${customer.done}`,
    async act(visit) {
      await menuItem(visit, visit.t.removal.open);
      await visit.page.getByRole("dialog").getByRole("textbox").fill("bjork");
    },
  },
  { name: "customer-removal", address: `/customers/${customer.fresh}`, act: (visit) => menuItem(visit, visit.t.customer.remove) },
  { name: "customer-orchestra", address: `/customers/${customer.orchestra}` },
  { name: "customer-client-stack", address: `/customers/${customer.clientStack}` },
  { name: "customer-another-plan", address: `/customers/${customer.anotherPlan}` },
  {
    name: "plan-another",
    address: `/customers/${customer.anotherPlan}`,
    async act({ page, t }) {
      await page.getByRole("button", { name: t.plan.show }).click();
      await page.getByRole("dialog").getByText(t.step["compute-size"]).waitFor();
    },
  },
  {
    name: "members",
    address: `/customers/${customer.orchestra}`,
    async act({ page, t }) {
      await page.getByRole("button", { name: t.importMembers.open }).click();
      await page.locator("input[type=file]").setInputFiles({ name: "medlemmar.csv", mimeType: "text/csv", buffer: Buffer.from(MEMBERS) });
      await page.getByRole("dialog").getByRole("table").waitFor();
    },
  },
  {
    name: "customer-form-orchestra",
    address: "/customers?new=true",
    async act({ page, t }) {
      await page.getByLabel(t.newCustomer.name, { exact: true }).fill("Västerbottens Sinfonietta");
      await page.getByRole("combobox", { name: t.newCustomer.blueprint }).click();
      await page.getByRole("option", { name: /orchestra|orkest/i }).click();
    },
  },
  { name: "requests", address: "/requests" },
  { name: "request", address: `/requests?request=${request.open}` },
  { name: "request-price", address: `/requests?request=${request.price}` },
  { name: "request-ended", address: `/requests?request=${request.ended}` },
  { name: "request-reject", address: `/requests?request=${request.open}`, act: press("r") },
  {
    name: "request-ask",
    address: `/requests?request=${request.open}`,
    act: async ({ page, t }) => {
      await page.getByRole("button", { name: t.common.moreActions, exact: true }).click();
      await page.getByRole("menuitem", { name: t.requests.ask }).click();
    },
  },
  { name: "requests-archive", address: "/requests?archive=true" },
  { name: "request-archived", address: `/requests?archive=true&request=${request.archived}` },
  { name: "customer-gone", address: "/customers/0190a000-0000-7000-8000-000000000000" },
  { name: "run-running", address: `/runs/${run.running}`, tight: true },
  {
    name: "run-failed",
    tight: true,
    address: `/runs/${run.failed}`,
    // By Vercel's own id its support finds the request.
    act: ({ page }) => page.locator("[data-step][data-state=failed]").getByText(/^arn1::/).waitFor(),
  },
  { name: "run-rolled-back", address: `/runs/${run.rolledBack}`, tight: true },
  {
    name: "run-cancel",
    address: `/runs/${run.running}`,
    async act({ page, t }) {
      await page.getByRole("button", { name: t.run.cancel }).click();
      await page.getByRole("dialog").getByRole("button", { name: t.run.cancelAndKeep }).waitFor();
    },
  },
  { name: "run-leftover", address: `/runs/${run.leftover}`, tight: true },
  { name: "run-question", address: `/runs/${run.question}`, tight: true },
  { name: "run-done", address: `/runs/${run.done}`, tight: true },
  { name: "run-client-stack", address: `/runs/${run.clientStack}`, tight: true },
  { name: "runs", address: "/runs" },
  { name: "runs-none", address: "/runs?q=finns%20inte" },
  ...["general", "credentials", "providers", "blueprints", "mail", "workspaces", "shortcuts", "about"].map((page) => ({ name: `settings-${page}`, address: `/settings/${page}` })),
  {
    name: "settings-unsaved",
    address: "/settings/workspaces",
    async act({ page, t }) {
      await page.getByRole("region", { name: t.source.title }).getByLabel(t.source.address).fill("postgres://");
      await page.getByRole("navigation", { name: t.settings.title }).getByRole("link", { name: t.settings.pages.general }).click();
      await page.getByRole("dialog", { name: t.unsaved.title }).waitFor();
    },
  },
  {
    name: "mapping",
    address: "/settings/workspaces",
    async act(visit) {
      const card = await mapped(visit, server);
      await card.getByRole("group").first().scrollIntoViewIfNeeded();
    },
  },
  {
    name: "mapping-rows",
    address: "/settings/workspaces",
    async act(visit) {
      const card = await mapped(visit, server);
      await card.getByRole("button", { name: visit.t.source.preview }).click();
      await card.getByRole("table").waitFor();
      await card.getByRole("button", { name: visit.t.source.connect }).scrollIntoViewIfNeeded();
    },
  },
  { name: "blueprint-editor", address: "/blueprints/factory" },
  { name: "blueprint-editor-orchestra", address: "/blueprints/orchestra" },
  { name: "diagnostics", address: "/settings/about", act: ({ page, t }) => page.getByRole("button", { name: t.diagnostics.open }).click() },
  {
    name: "palette",
    address: "/customers",
    async act({ page, t }) {
      await page.keyboard.press("Control+k");
      await page.getByRole("combobox", { name: t.palette.title }).fill("bj");
    },
  },
  { name: "workspace-menu", address: "/customers", act: ({ page }) => page.locator("aside button[aria-haspopup=menu]").last().click() },
  { name: "language-menu", address: "/customers", act: ({ page, t }) => page.getByTitle(t.settings.language).click() },
  { name: "folded", address: "/customers", act: press("Control+b") },
  { name: "shortcuts", address: "/customers", act: press("?") },
  { name: "not-found", address: "/nowhere" },
];

/** Its own table is connected, and it has a blueprint of its own. */
export const WITH_ITS_OWN: readonly Screen[] = [
  {
    name: "source",
    address: "/settings/workspaces",
    act: (visit) => disconnect(visit).scrollIntoViewIfNeeded(),
  },
  {
    name: "source-disconnect",
    address: "/settings/workspaces",
    async act(visit) {
      await disconnect(visit).click();
      await visit.page.getByRole("dialog", { name: visit.t.source.leaveTitle }).waitFor();
    },
  },
  {
    name: "blueprint-review-faults",
    address: `/blueprints/${OWN_BLUEPRINT}`,
    async act({ page, t }) {
      await page.getByRole("textbox", { name: t.blueprintEditor.textOf("blueprint.toml") }).click();
      await page.keyboard.press("ControlOrMeta+End");
      await page.keyboard.type(OF_NO_KIND);
      await page.getByRole("button", { name: t.blueprintEditor.review }).click();
      await page.getByRole("dialog").getByRole("button", { name: t.blueprintEditor.saveFaulty }).waitFor();
    },
  },
];

/** A problem that any command may end with. */
const REFUSAL: Problem = { code: "database_failed", detail: "disk I/O error" };

/** The main screens while what they ask for is on its way, and once it is refused. */
export const WITHOUT_ANSWERS = ({ customer, run, request }: Agency): readonly Screen[] => {
  const asking: readonly (Pick<Screen, "name" | "address" | "act"> & { command: keyof Commands })[] = [
    { name: "customers", address: "/customers", command: "customers_list" },
    { name: "customer", address: `/customers/${customer.done}`, command: "customer_get" },
    { name: "plan", address: `/customers/${customer.fresh}`, command: "plan", act: (visit) => menuItem(visit, visit.t.plan.show) },
    { name: "requests", address: "/requests", command: "requests_list" },
    { name: "request", address: `/requests?request=${request.open}`, command: "request_get" },
    { name: "runs", address: "/runs", command: "runs_list" },
    { name: "run", address: `/runs/${run.done}`, command: "run_get" },
    { name: "credentials", address: "/settings/credentials", command: "credentials_list" },
    { name: "settings", address: "/settings/providers", command: "settings_list" },
  ];
  return asking.flatMap(({ name, command, ...screen }): Screen[] => [
    {
      ...screen,
      name: `${name}-loading`,
      waits: true,
      once: true,
      async prepare({ page }) {
        await page.route(`**/call/${command}`, () => undefined);
      },
    },
    {
      ...screen,
      name: `${name}-error`,
      once: true,
      async prepare({ page }) {
        await page.route(`**/call/${command}`, (route) => route.fulfill({ status: 422, json: REFUSAL }));
      },
    },
  ]);
};

/** Vercel has taken its token back. */
export const TOKEN_REVOKED = ({ customer }: Agency): readonly Screen[] => [
  { name: "plan-blocked", address: `/customers/${customer.fresh}`, act: (visit) => menuItem(visit, visit.t.plan.show) },
  {
    name: "blocked",
    address: `/customers/${customer.fresh}`,
    async act({ page, t }) {
      await page.getByRole("button", { name: t.customers.provision }).first().click();
      await page.getByRole("dialog").waitFor();
    },
  },
  {
    name: "credentials-rejected",
    address: "/settings/credentials",
    act: ({ page, t }) => page.getByRole("button", { name: t.credentials.checkAll }).click(),
  },
];

/** Fabrik answers no more, or what it can't. */
export const IN_TROUBLE: readonly Screen[] = [
  {
    name: "offline",
    address: "/customers",
    async act({ page, t }) {
      await page.route("**/call/**", (route) => route.abort());
      await page.getByRole("button", { name: t.instance.active }).click();
      await page.getByText(t.frame.offline).waitFor();
    },
  },
  {
    name: "crashed",
    address: "/settings/general",
    async act({ page, t }) {
      await page.route("**/call/runs_list", (route) => route.fulfill({ json: { runs: [null], total: 1, counts: [{ state: "running", count: 1 }] } }));
      await page.keyboard.press("g");
      await page.keyboard.press("u");
      await page.getByText(t.frame.crashed).waitFor();
    },
  },
];
