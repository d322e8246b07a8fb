/** An agency in the sandbox: customers in every state that a screen shows, each come by as it is come by in use. */

import type { CustomerId, OnboardingRequest, OnFailure, RequestApproval, RequestId, Run, RunId, RunState, Wish } from "@/backend/bindings";

import type { Fabrik } from "./fabrik";

/** The customers, as a file to import; the first ones get a run below. */
const CUSTOMERS = `name,subdomain,contact_email,contact_name,language,credits,blueprint,plan
Vintergatans Förlag,vintergatan,redaktion@vintergatan.example,Ulla Brandt,sv,288,factory,starter
Skärgårdskrogen Måsen,masen,mats@masen.example,Mats Öman,sv,0,factory,starter
Ekbackens Ridskola,ekbacken,ridskola@ekbacken.example,Tove Ek,sv,62,factory,starter
Östkustens Energiteknik,ostkusten,order@ostkusten.example,Göran Ståhl,sv,1870,factory,professional
Västanå Kammarkör,vastana,kansli@vastana.example,Iris Palm,sv,190,agency,starter
Häggliden Bilverkstad,haggliden,verkstad@haggliden.example,Per Hägg,sv,430,factory,starter
Tonika Musikskola,tonika,rektor@tonika.example,Ali Rashidi,sv,310,factory,starter
Örehus Fysioterapi,orehus,tid@orehus.example,Sara Örn,sv,520,agency,professional
Lindqvist & Rosén Revision,lindqvist-rosen,anders@lindqvist-rosen.example,Anders Rosén,sv,1105,factory,professional
Harbour & Pine Studio,harbour-pine,mia@harbour-pine.example,Mia Holt,en,2400,factory,professional
Tallbackens Hemtjänst,tallbacken,samordnare@tallbacken.example,Eva Tall,sv,1530,factory,starter
Gullmarens Båtvarv,gullmaren,varvet@gullmaren.example,Olle Gullberg,sv,1240,factory,professional
Kvarnbyns Tandvård,kvarnbyn,mottagning@kvarnbyn.example,Nils Kvarn,sv,975,factory,starter
Klockargårdens Bageri,klockargarden,hej@klockargarden.example,Bo Klockare,sv,0,factory,starter
Nordanvind Byggkonsult,nordanvind,info@nordanvind.example,Lena Nord,sv,0,factory,professional
Studio Kåseri,kaseri,kontakt@kaseri.example,Kim Å,sv,715,factory,starter
Fjällfrakt Logistik,fjallfrakt,trafik@fjallfrakt.example,Jon Fjell,sv,640,factory,starter
Sjövik Camping & Stugor,sjovik,bokning@sjovik.example,Maj Sjö,sv,45,factory,starter
Mälarstrand Konferens,malarstrand,konferens@malarstrand.example,Petra Mälare,sv,2310,factory,professional
Björkåsa Förskolor,bjorkasa,rektor@bjorkasa.example,Anna-Karin Sjöberg,sv,860,factory,professional
Åkermark Juristbyrå,akermark,anna@akermark.example,Anna Åkermark,sv,0,factory,professional
Ljusdals Kammarorkester,ljusdal,kansli@ljusdal.example,Greta Ljung,sv,0,orchestra,small
Norrvidinge Redovisning,norrvidinge,info@norrvidinge.example,Jonas Norr,sv,0,client-stack,enterprise
Bergslagens Maskin,bergslagen,info@bergslagen.example,Moa Berg,sv,0,client-stack,starter
`;

/** Steps that fail, as their vendor would have it. */
const DEPLOYMENT_REFUSED = { provider: "vercel", method: "POST", path: "/v*/deployments", do: "status:400" } as const;
const REPOSITORY_KEPT = { provider: "github", method: "DELETE", path: "/repos/*/*", do: "status:403" } as const;

/** Who asks to become a customer, as somebody types it in. */
const wish = (name: string, subdomain: string, more: Partial<Wish> = {}): Wish => ({
  name,
  subdomain,
  contact_email: `info@${subdomain}.example`,
  contact_name: "Maja Öhrn",
  blueprint: "factory",
  plan: "professional",
  language: "sv",
  modules: ["crm", "email"],
  ...more,
});

/** How long a run may take to come to a state, and how often it is looked at meanwhile. */
const PATIENCE_MS = 60_000;
const GLANCE_MS = 40;

export interface Agency {
  customer: Record<"done" | "fresh" | "failed" | "orchestra" | "clientStack" | "anotherPlan", CustomerId>;
  request: Record<"open" | "price" | "ended" | "archived", RequestId>;
  run: Record<"done" | "clientStack" | "failed" | "rolledBack" | "leftover" | "question" | "running", RunId>;
}

async function until<Value>(what: string, look: () => Promise<Value | undefined>, patience = PATIENCE_MS): Promise<Value> {
  const begun = Date.now();
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() - begun > patience) throw new Error(`waited ${patience} ms for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, GLANCE_MS));
  }
}

/** The customers, each by its subdomain. */
async function addCustomers(fabrik: Fabrik) {
  await fabrik.call("customers_import", { file_name: "customers.csv", content: CUSTOMERS, dry_run: false, blueprint: null, plan: null });
  const query = { sort: "name", descending: false, limit: 0, offset: 0 } as const;
  const { customers } = await fabrik.call("customers_list", { query });
  return (subdomain: string): CustomerId => {
    const found = customers.find((one) => one.subdomain === subdomain);
    if (found === undefined) throw new Error(`${subdomain} was not imported`);
    return found.id;
  };
}

/** A run at the vendors' own pace, in the middle of which steps go on side by side. */
export async function runAtPace(fabrik: Fabrik): Promise<RunId> {
  const idOf = await addCustomers(fabrik);
  await fabrik.steer("latency", "realistic");
  const run = await fabrik.call("provision", { customer: idOf("akermark"), on_failure: "rollback" });
  const look = async () => {
    const { steps } = await fabrik.call("run_get", { run: run.id });
    const count = (state: string) => steps.filter((step) => step.state === state).length;
    return count("done") > 5 && count("running") > 1 ? run.id : undefined;
  };
  return until("steps side by side", look, 4 * PATIENCE_MS);
}

export async function furnish(fabrik: Fabrik): Promise<Agency> {
  const idOf = await addCustomers(fabrik);
  const begin = (subdomain: string, on_failure: OnFailure = "keep"): Promise<Run> => fabrik.call("provision", { customer: idOf(subdomain), on_failure });
  const reaches = async (run: Run, ...states: RunState[]): Promise<RunId> => {
    let last: RunState = run.state;
    return until(`${states.join(" or ")} of run ${run.number}`, async () => {
      last = (await fabrik.call("run_get", { run: run.id })).run.state;
      if (states.includes(last)) return run.id;
      if (["failed", "succeeded", "rolled_back", "leftovers", "waiting"].includes(last)) throw new Error(`run ${run.number} is ${last}`);
      return undefined;
    });
  };

  const done = await reaches(await begin("bjorkasa"), "succeeded");
  await reaches(await begin("malarstrand"), "succeeded");

  await fabrik.faults(DEPLOYMENT_REFUSED, REPOSITORY_KEPT);
  const failed = await reaches(await begin("sjovik"), "failed");
  const leftover = await reaches(await begin("fjallfrakt", "rollback"), "leftovers");
  await fabrik.faults(DEPLOYMENT_REFUSED);
  const rolledBack = await reaches(await begin("kaseri", "rollback"), "rolled_back");

  // Two projects of one name turn up while nobody knows whether the call came through.
  await fabrik.faults({ provider: "supabase", method: "POST", path: "/v1/projects", nth: 1, do: "drop_after" }, { provider: "supabase", method: "GET", path: "/v1/organizations/**", do: "stale_list:3s" });
  const asking = await begin("klockargarden");
  const name = await until("the project", async () => {
    const state = await fabrik.look<{ resources: { supabase: { project: Record<string, { name: string }> } } }>("state");
    return Object.values(state.resources.supabase.project).find((project) => project.name.includes("klockargarden"))?.name;
  });
  await fabrik.steer("foreign", { provider: "supabase", name });
  const question = await reaches(asking, "waiting");
  await fabrik.faults();

  // Orchestras have a subdomain each; no other customer of these waits for one.
  await fabrik.call("setting_set", { key: "domain.base", value: "orkester.example" });
  await reaches(await begin("ljusdal"), "succeeded");
  await fabrik.call("setting_set", { key: "domain.base", value: null });
  const clientStack = await reaches(await begin("norrvidinge"), "succeeded");
  await reaches(await begin("bergslagen"), "succeeded");
  await fabrik.call("customer_edit", { customer: idOf("bergslagen"), patch: { plan: "enterprise" } });

  const request = await fill(fabrik, async ({ run }) => {
    if (run === undefined) throw new Error("the request was approved, and no run begun");
    await reaches(run, "succeeded");
  });

  // A project that never comes up: the run is under way for as long as it is looked at.
  await fabrik.steer("latency", { base: "none", "supabase.ready": 86_000 });
  const running = await begin("akermark", "rollback");
  await until("the other lanes", async () => {
    const { steps } = await fabrik.call("run_get", { run: running.id });
    return steps.filter(({ state }) => state === "done").length >= 3 ? true : undefined;
  });
  return {
    customer: {
      done: idOf("bjorkasa"),
      fresh: idOf("nordanvind"),
      failed: idOf("sjovik"),
      orchestra: idOf("ljusdal"),
      clientStack: idOf("norrvidinge"),
      anotherPlan: idOf("bergslagen"),
    },
    request,
    run: { done, clientStack, failed, rolledBack, leftover, question, running: running.id },
  };
}

/** What the blueprint is called that the agency has made itself. */
export const OWN_BLUEPRINT = "verkstad";

/** Connects the agency's own table, whose rows become customers, and makes a blueprint that it may change. */
export async function bringItsOwn(fabrik: Fabrik, url: string): Promise<void> {
  const { mapping } = await fabrik.call("source_look", { url, password: null, preset: null, table: null });
  if (mapping === undefined) throw new Error("no preset knows the agency's table");
  await fabrik.call("source_connect", { url, password: null, mapping });
  await fabrik.call("source_refresh", {});
  await fabrik.call("blueprint_copy", { name: OWN_BLUEPRINT, from: "client-stack" });
}

/** The inbox: somebody asks, one has paid by a price that nobody knows, one has ended; one was turned down, one put away. */
async function fill(fabrik: Fabrik, provisioned: (approval: RequestApproval) => Promise<void>): Promise<Agency["request"]> {
  const open = await fabrik.call("request_add", { wish: wish("Havsbrisens Naturskola", "havsbrisen", { message: "Vi vill komma igång före terminsstarten i januari.\nGår det?" }) });
  const declined = await fabrik.call("request_add", { wish: wish("Pålssons Trädgårdsdesign", "palssons", { plan: "starter" }) });
  await fabrik.call("request_reject", { request: declined.id, reason: "Vi tar inte in fler före årsskiftet." });

  const archived = await fabrik.call("request_add", { wish: wish("Solbergs Cykelverkstad", "solbergs", { message: "Vi hör av oss igen till våren." }) });
  await fabrik.call("request_archive", { request: archived.id });

  const checkout = (name: string, email: string, price: string) => fabrik.steer("stripe", { do: "checkout", name, email, price, locale: "sv-SE" });
  const read = async (name: string): Promise<OnboardingRequest> => {
    await fabrik.call("stripe_read", {});
    const { requests } = await fabrik.call("requests_list", { query: { states: ["open"], limit: 0, offset: 0 } });
    const found = requests.find((one) => one.name === name);
    if (found === undefined) throw new Error(`${name} is not in the inbox`);
    return found;
  };
  await checkout("Ateljé Kobolt", "eva@kobolt.example", "price_factory_starter");
  const paid = await read("Ateljé Kobolt");
  await provisioned(await fabrik.call("request_approve", { request: paid.id, subdomain: null, on_failure: "keep" }));
  if (paid.origin.from !== "stripe") throw new Error("it was paid for at Stripe");
  await fabrik.steer("stripe", { do: "status", subscription: paid.origin.subscription, status: "canceled" });
  const ended = await read("Ateljé Kobolt");

  await fabrik.steer("stripe", { do: "price", id: "price_older" });
  await checkout("Orkesterföreningen Lyran", "styrelsen@lyran.example", "price_older");
  const price = await read("Orkesterföreningen Lyran");
  return { open: open.id, price: price.id, ended: ended.id, archived: archived.id };
}
