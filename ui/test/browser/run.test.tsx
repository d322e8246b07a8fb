import { afterEach, describe, expect, it, vi } from "vitest";
import { page, userEvent } from "vitest/browser";

import type { RunDetail } from "@/backend/bindings";

import { customers } from "../records/customers";
import { blockedPlanOf } from "../records/plans";
import { failed, running, runOf, succeeded } from "../records/runs";
import { deciding, leftovers, removalPlan, rolledBack, throttled } from "../records/undo";
import { open } from "./open";

const step = (id: string) => document.querySelector<HTMLElement>(`[data-step="${id}"]`);

describe("a run under way", () => {
  it("shows each step's state, the time on the axis, and the running step's log", async () => {
    await open("/runs/run-c0");
    await expect.element(page.getByText("3 av 12 steg klara")).toBeVisible();
    expect(step("repo")?.dataset.state).toBe("done");
    expect(step("project")?.querySelector("[data-bar=used]")).not.toBeNull();
    expect(step("project")?.querySelector("[data-bar=expected]")).not.toBeNull();
    expect(step("repo")?.querySelector("[data-bar=expected]")).toBeNull();
    expect(step("deployment")?.querySelector("[data-bar=used]")).toBeNull();
    expect(document.querySelectorAll("[data-now]")).toHaveLength(12);
    // Three variables: their names would be cut, so they are counted.
    expect(step("variables")?.textContent).toContain("3 variabler");
    expect(step("variables")?.querySelector("[title]")?.getAttribute("title")).toContain("SUPABASE_ANON_KEY");
    const log = page.getByRole("log", { name: "Logg för Skapa projekt" });
    await expect.element(log.getByText(/Status COMING_UP, frågar igen om 4 s/)).toBeVisible();
    await expect.element(page.getByRole("log", { name: "Logg för Skapa repo" })).not.toBeInTheDocument();
    await userEvent.click(page.getByRole("button", { name: "Skapa repo" }));
    await expect.element(page.getByRole("log", { name: "Logg för Skapa repo" })).toBeVisible();
  });

  it("takes in what a hint is about, and announces it", async () => {
    let detail: RunDetail = running;
    const { port } = await open("/runs/run-c0", {}, { run_get: () => detail });
    await expect.element(page.getByText("3 av 12 steg klara")).toBeVisible();
    detail = succeeded;
    port.hint("runs", "run-c0");
    await expect.element(page.getByText("12 av 12 steg klara")).toBeVisible();
    await expect.element(page.getByText("Steg 12 av 12 klart: Avsluta")).toBeInTheDocument();
    expect(document.querySelectorAll("[data-now], [data-bar=expected]")).toHaveLength(0);
    await expect.element(page.getByRole("button", { name: "Kopiera överlämning" })).toBeEnabled();
  });

  it("that was taken on hours later leaves the hours out, and says how many", async () => {
    await open("/runs/run-resumed", { language: "en" });
    await expect.element(page.getByTitle("Nothing worked on the run for 2 h 59 min")).toBeVisible();
    expect(step("project")?.querySelector("[data-pause]")).not.toBeNull();
    expect(step("variables")?.textContent).toContain("3 variables, attempt 2");
    expect(step("project")?.textContent).not.toMatch(/3 h/);
  });

  it("has one clock: what is under way has had the seconds that are over", async () => {
    const begun = Date.parse(running.run.started_at);
    const at = (ms: number) => new Date(begun + ms).toISOString();
    const detail: RunDetail = {
      ...running,
      now: at(50_600),
      steps: running.steps.map((one) => (one.id === "project" ? { ...one, started_at: at(0) } : one)),
    };
    await open("/runs/run-c0", {}, { run_get: () => detail });
    await expect.element(page.getByRole("timer", { name: "Förfluten tid" })).toBeVisible();
    const clocks = () => [/^0:(\d\d)$/.exec(document.querySelector("h1 ~ [role=timer]")?.textContent ?? "")?.[1], /^(\d\d) s/.exec(step("project")?.querySelector(".tabular-nums b")?.textContent ?? "")?.[1]];
    const [run, own] = clocks();
    expect(own).toBe(run);
  });

  it("counts a step's attempts once, where a long detail before it is cut", async () => {
    const what = { type: "retrying", problem: { code: "unreachable", host: "api.supabase.com", provider: "supabase" }, in_ms: 8000, attempt: 6 } as const;
    const detail: RunDetail = {
      ...running,
      steps: running.steps.map((one) => (one.id === "project" ? { ...one, attempts: 6 } : one)),
      events: [...running.events, { run: "run-c0", number: 900, at: running.now, step: "project", what }],
    };
    await open("/runs/run-c0", {}, { run_get: () => detail });
    const attempt = page.getByText(/^, försök 6$/);
    await expect.element(attempt).toBeVisible();
    const span = attempt.element();
    await expect.poll(() => span.scrollWidth - span.clientWidth).toBeLessThanOrEqual(0);
    expect(span.parentElement?.textContent.match(/försök 6/gi)).toHaveLength(1);
  });

  it("is cancelled only after the question", async () => {
    const { port } = await open("/runs/run-c0");
    await userEvent.click(page.getByRole("button", { name: "Avbryt körningen" }));
    await expect.element(page.getByRole("button", { name: "Låt den fortsätta" })).toHaveFocus();
    expect(port.callsOf("run_cancel")).toEqual([]);
    await userEvent.click(page.getByRole("dialog").getByRole("button", { name: "Avbryt körningen" }));
    await expect.poll(() => port.callsOf("run_cancel")).toEqual([{ run: "run-c0", keep: false }]);
  });

  it("is cancelled from here where another process drives it", async () => {
    const driver = { here: false, machine: "servern", process: 815 };
    const { port } = await open("/runs/run-c0", {}, { run_get: () => ({ ...running, owned_here: false, driver }) });
    await expect.element(page.getByText(/Process 815 på servern driver körningen. Den kan följas och avbrytas härifrån/)).toBeVisible();
    await userEvent.click(page.getByRole("button", { name: "Avbryt körningen" }));
    await expect.element(page.getByRole("dialog").getByText(/en annan process driver körningen/i)).toBeVisible();
    await userEvent.click(page.getByRole("dialog").getByRole("button", { name: "Avbryt körningen" }));
    await expect.poll(() => port.callsOf("run_cancel")).toEqual([{ run: "run-c0", keep: false }]);
  });
});

describe("a run that failed", () => {
  it("says in its place what failed, in whose words, what exists, and what comes first", async () => {
    const { port } = await open("/runs/run-failed");
    await expect.element(page.getByRole("heading", { name: "Supabase tog inte emot schemat" })).toBeVisible();
    const row = step("schema");
    expect(row?.dataset.state).toBe("failed");
    expect(row?.textContent).toContain("ERROR 57014: canceling statement due to statement timeout");
    expect(row?.textContent).toContain("req_8Vd2mQx71Lk");
    expect(row?.textContent).toContain("3 resurser som skapats finns kvar");
    await expect.element(page.getByText("Lägg in schema misslyckades: Supabase tog inte emot schemat")).toBeInTheDocument();
    const first = row?.querySelector("button.bg-accent");
    expect(first?.textContent).toBe("Försök steget igen");
    await userEvent.click(first as HTMLElement);
    await expect.poll(() => port.callsOf("run_resume")).toEqual([{ run: failed.run.id === "run-c0" ? "run-c0" : failed.run.id }]);
  });

  it("gives the vendor's id of the request to copy, beside its words", async () => {
    const write = vi.spyOn(navigator.clipboard, "writeText").mockResolvedValue();
    for (const [language, name] of [["sv", "Kopiera req_8Vd2mQx71Lk"], ["en", "Copy req_8Vd2mQx71Lk"]] as const) {
      const { screen } = await open("/runs/run-failed", { language });
      const copy = page.getByRole("button", { name });
      await expect.element(copy).toBeVisible();
      expect(step("schema")?.contains(copy.element())).toBe(true);
      await userEvent.click(copy);
      await expect.poll(() => write.mock.lastCall).toEqual(["req_8Vd2mQx71Lk"]);
      write.mockClear();
      await screen.unmount();
    }
    write.mockRestore();
  });

  it("says which steps were broken off and which never begun, rather than that they wait", async () => {
    const steps = failed.steps.map((one) => (one.id === "admin" ? { ...one, attempts: 1, started_at: failed.run.started_at } : one));
    await open("/runs/run-failed", {}, { run_get: () => ({ ...failed, steps }) });
    await expect.element(page.getByRole("heading", { name: "Supabase tog inte emot schemat" })).toBeVisible();
    expect(step("admin")?.textContent).toContain("Avbröts");
    expect(step("deployment")?.textContent).toContain("Påbörjades aldrig");
    for (const row of document.querySelectorAll("[data-step]")) expect(row.textContent).not.toMatch(/Väntar/);
  });

  it("is told in English too", async () => {
    await open("/runs/run-failed", { language: "en" });
    await expect.element(page.getByRole("heading", { name: "Supabase refused the schema" })).toBeVisible();
    await expect.element(page.getByText("6 of 12 steps done")).toBeVisible();
  });
});

describe("going back", () => {
  it("is offered for a run that stands still, and asks first: Enter alone never fires", async () => {
    const { port } = await open("/runs/run-failed");
    await userEvent.click(page.getByRole("button", { name: "Ångra allt" }));
    const dialog = page.getByRole("dialog", { name: "Ångra allt som körningen har skapat?" });
    await expect.element(dialog.getByRole("button", { name: "Låt den vara" })).toHaveFocus();
    const goes = dialog.getByRole("list", { name: "Det här tas bort" }).getByRole("listitem");
    expect(goes.elements().map((one) => one.textContent)).toEqual([
      "Vercel-projektclient-akermark",
      "Privat GitHub-reponorrform/client-akermark",
      "Supabase-projektclient-akermark",
    ]);
    await userEvent.keyboard("{Enter}");
    await expect.element(dialog).not.toBeInTheDocument();
    expect(port.callsOf("run_rollback")).toEqual([]);
    await userEvent.click(page.getByRole("button", { name: "Ångra allt" }));
    await userEvent.click(page.getByRole("dialog").getByRole("button", { name: "Ångra allt" }));
    await expect.poll(() => port.callsOf("run_rollback")).toEqual([{ run: failed.run.id }]);
  });

  it("can't be taken on once a later run has replaced it", async () => {
    await open("/runs/run-failed", {}, { run_get: () => ({ ...failed, superseded: true }) });
    await expect.element(page.getByRole("button", { name: "Ångra allt" })).toBeVisible();
    await expect.element(page.getByRole("button", { name: "Försök steget igen" })).not.toBeInTheDocument();
  });

  it("begins anew, and says why, once the customer has another subdomain", async () => {
    const renamed = { code: "subdomain_changed", before: "akermark", subdomain: "annat" } as const;
    const { port } = await open("/runs/run-failed", {}, { run_get: () => ({ ...failed, resources: [], renamed }) });
    await expect.element(page.getByRole("heading", { name: "Kunden har en annan subdomän nu" })).toBeVisible();
    await expect.element(page.getByRole("button", { name: "Ångra allt" })).toBeVisible();
    await expect.element(page.getByRole("button", { name: "Försök steget igen" })).not.toBeInTheDocument();
    await userEvent.click(page.getByRole("button", { name: "Försök igen", exact: true }).first());
    await expect.poll(() => port.callsOf("provision")).toEqual([{ customer: "c0", on_failure: "rollback" }]);
    expect(port.callsOf("run_resume")).toEqual([]);
  });

  it.each(["failed", "leftovers"] as const)("can't be taken back once a later run lives on it: %s", async (state) => {
    const run = { ...failed.run, state };
    await open("/runs/run-failed", {}, { run_get: () => ({ ...failed, run, superseded: true, taken_over: true }) });
    await expect.element(page.getByRole("heading", { name: "Åkermark Juristbyrå" })).toBeVisible();
    await expect.element(page.getByRole("button", { name: "Ångra allt" })).not.toBeInTheDocument();
    await expect.element(page.getByRole("button", { name: "Försök ta bort igen" })).not.toBeInTheDocument();
  });

  it("says that what was left over is gone since", async () => {
    const resources = leftovers.resources.map((one) => ({ ...one, state: "removed" as const }));
    await open("/runs/run-leftovers", {}, { run_get: () => ({ ...leftovers, resources, superseded: true }) });
    await expect.element(page.getByText("Inga rester kvar att hantera")).toBeVisible();
  });

  it("says that the customer has been told, before it is undone", async () => {
    const mail = { ...failed.resources[0]!, key: "mail", kind: "mail", provider: "resend" } as const;
    await open("/runs/run-failed", {}, { run_get: () => ({ ...failed, resources: [...failed.resources, mail] }) });
    await userEvent.click(page.getByRole("button", { name: "Ångra allt" }));
    await expect.element(page.getByText(/Kunden har redan fått välkomstmejlet/)).toBeVisible();
  });

  it.each(["failed", "cancelled", "waiting", "interrupted"] as const)("has its buttons for %s", async (state) => {
    await open("/runs/run-c0", {}, { run_get: () => ({ ...failed, run: { ...failed.run, state, finished_at: undefined } }) });
    await expect.element(page.getByRole("button", { name: "Ångra allt" })).toBeVisible();
    await expect.element(page.getByRole("button", { name: "Försök steget igen" }).first()).toBeVisible();
    const cancel = page.getByRole("button", { name: "Avbryt körningen" });
    if (state === "waiting" || state === "interrupted") await expect.element(cancel).toBeVisible();
    else await expect.element(cancel).not.toBeInTheDocument();
  });

  it.each(["succeeded", "rolled_back", "undoing", "running"] as const)("is not offered for %s", async (state) => {
    const undone = state === "undoing" || state === "rolled_back" ? { undo_began_at: failed.run.started_at } : {};
    await open("/runs/run-c0", {}, { run_get: () => ({ ...succeeded, run: { ...succeeded.run, state, ...undone } }) });
    await expect.element(page.getByRole("heading", { name: "Åkermark Juristbyrå" })).toBeVisible();
    await expect.element(page.getByRole("button", { name: "Ångra allt" })).not.toBeInTheDocument();
  });

  it("is drawn on the same list: what is undone, what is going, and what was never begun", async () => {
    await open("/runs/run-undoing");
    await expect.element(page.getByText("3 steg ångrade")).toBeVisible();
    await expect.element(page.getByText(/Det som körningen har skapat tas bort, det sista först/)).toBeVisible();
    expect(step("site")?.dataset.state).toBe("undone");
    expect(step("site")?.textContent).toContain("ångrat på 1 s");
    expect(step("variables")?.textContent).toContain("Följde med client-akermark");
    expect(step("project")?.dataset.state).toBe("undoing");
    expect(step("project")?.textContent).toContain("Tar bort client-akermark");
    expect(step("project")?.querySelector("[data-bar=undo]")).not.toBeNull();
    expect(step("deployment")?.textContent).toContain("Påbörjades aldrig");
    expect(document.querySelectorAll("[data-turn]")).toHaveLength(12);
    expect(document.querySelectorAll("[data-bar=expected]")).toHaveLength(0);
    expect(step("schema")?.textContent).toContain("Det som körningen har skapat ångras nu.");
    const pane = page.getByRole("complementary", { name: "Det här finns just nu" });
    await expect.element(pane.getByText("2 kvar av 3")).toBeVisible();
    await expect.element(pane.getByText("Vercel-projekt, finns inte längre")).toBeVisible();
    await expect.element(pane.getByText("Supabase-projekt, tas bort")).toBeVisible();
  });

  it("lists what was left over with why, its link and another try", async () => {
    const { port } = await open("/runs/run-leftovers");
    await expect.element(page.getByText("5 steg ångrade, 1 kunde inte ångras")).toBeVisible();
    const left = page.getByRole("region", { name: "Kvar att göra för hand" });
    await expect.element(left.getByText("Ta bort: Privat GitHub-repo")).toBeVisible();
    await expect.element(left.getByText("norrform/client-akermark")).toBeVisible();
    await expect.element(left.getByText(/GitHub nekade anropet/)).toBeVisible();
    await userEvent.click(left.getByRole("button", { name: "Öppna i GitHub" }));
    await expect.poll(() => port.callsOf("resource_open")).toEqual([{ customer: "c0", resource: "r-repo" }]);
    expect(step("repo")?.textContent).toContain("403 Must have admin rights to Repository.");
    await expect.element(page.getByText("Skapa repo kunde inte tas bort: GitHub nekade anropet")).toBeInTheDocument();
    await userEvent.click(left.getByRole("button", { name: "Försök ta bort igen" }));
    await expect.poll(() => port.callsOf("run_rollback")).toEqual([{ run: leftovers.run.id }]);
  });

  it("leaves out what goes with another leftover, and lists it once that is let be", async () => {
    const file = { ...leftovers.resources[1]!, key: "r-config", step: "config", kind: "repository_file", name: "client-config.json", state: "leftover" } as const;
    const detail = (repo: "leftover" | "let_go"): RunDetail => ({
      ...leftovers,
      resources: [...leftovers.resources.map((one) => (one.key === "r-repo" ? { ...one, state: repo } : one)), file],
    });
    const covered = { resource: file, fate: "covered", by: "norrform/client-akermark" } as const;
    const removal_plan = () => ({ ...removalPlan, resources: [covered] });
    const { screen } = await open("/runs/run-leftovers", {}, { removal_plan, run_get: () => detail("leftover") });
    const pane = page.getByRole("complementary", { name: "Det här finns just nu" });
    await expect.element(pane.getByText("1 kvar av 3")).toBeVisible();
    await expect.element(page.getByText("Ta bort: Privat GitHub-repo")).toBeVisible();
    await expect.element(page.getByText("Ta bort: Konfigurationsfil")).not.toBeInTheDocument();
    await expect.element(page.getByText("har ångrats, utom 1 sak.", { exact: false })).toBeVisible();
    await screen.unmount();
    await open("/runs/run-leftovers", {}, { removal_plan, run_get: () => detail("let_go") });
    await expect.element(page.getByText("Ta bort: Konfigurationsfil")).toBeVisible();
  });

  it("keeps what the owner ticked off, until nothing is left over", async () => {
    await open("/runs/run-leftovers");
    const box = page.getByRole("checkbox", { name: "Åtgärdat: Privat GitHub-repo norrform/client-akermark" });
    await userEvent.click(box);
    await expect.element(box).toBeChecked();
    await expect.element(page.getByRole("button", { name: "Se efter om det är borta" })).toBeVisible();
    const kept = { [`fabrik.handled.${leftovers.run.id}`]: localStorage.getItem(`fabrik.handled.${leftovers.run.id}`) ?? "" };
    await open("/runs/run-leftovers", { language: "en" }, {}, kept);
    await expect.element(page.getByRole("checkbox", { name: "Done: Private GitHub repo norrform/client-akermark" })).toBeChecked();
    await open("/runs/run-leftovers", {}, { run_get: () => ({ ...rolledBack, run: { ...rolledBack.run, id: leftovers.run.id } }) }, kept);
    await expect.element(page.getByText(/Inget av det som körningen skapade finns kvar/)).toBeVisible();
    expect(localStorage.getItem(`fabrik.handled.${leftovers.run.id}`)).toBeNull();
  });

  it("lets what was left over be, after the question", async () => {
    const { port } = await open("/runs/run-leftovers");
    await userEvent.click(page.getByRole("button", { name: "Låt vara kvar" }).first());
    await expect.element(page.getByRole("button", { name: "Behåll i listan" })).toHaveFocus();
    expect(port.callsOf("run_let_go")).toEqual([]);
    await userEvent.click(page.getByRole("dialog").getByRole("button", { name: "Låt vara kvar" }));
    const left = leftovers.resources.find(({ state }) => state === "leftover");
    await expect.poll(() => port.callsOf("run_let_go")).toEqual([{ run: leftovers.run.id, resource: left?.key }]);
  });

  it("that stopped half-way goes on", async () => {
    const { port } = await open("/runs/run-undoing", {}, { run_get: () => ({ ...leftovers, run: { ...leftovers.run, state: "interrupted" } }) });
    await expect.element(page.getByText(/Processen som ångrade den avslutades innan den var klar/)).toBeVisible();
    await expect.element(page.getByRole("button", { name: "Avbryt körningen" })).not.toBeInTheDocument();
    await userEvent.click(page.getByRole("button", { name: "Fortsätt ångra" }).first());
    await expect.poll(() => port.callsOf("run_resume")).toHaveLength(1);
  });

  it("that left nothing says so", async () => {
    await open("/runs/run-rolled-back");
    await expect.element(page.getByText("Inget av det som körningen skapade finns kvar hos leverantörerna.")).toBeVisible();
    expect(step("schema")?.textContent).toContain("Allt som körningen skapade har ångrats.");
    await expect.element(page.getByRole("link", { name: "Öppna kunden" })).toBeVisible();
  });
});

describe("another try after an undo", () => {
  const button = () => page.getByRole("button", { name: "Försök igen", exact: true });

  it.each(["run-rolled-back", "run-leftovers"])("comes first, and is a new run: %s", async (address) => {
    const { port, history } = await open(`/runs/${address}`);
    const first = () => step("schema")?.querySelector<HTMLElement>("button.bg-accent");
    await expect.poll(() => first()?.textContent).toBe("Försök igen");
    expect(document.querySelectorAll("button.bg-accent")).toHaveLength(1);
    await userEvent.click(first() as HTMLElement);
    await expect.poll(() => port.callsOf("provision")).toEqual([{ customer: "c0", on_failure: "rollback" }]);
    await expect.poll(() => history.location.pathname).toBe("/runs/run-c0");
    expect([...port.callsOf("run_resume"), ...port.callsOf("run_rollback")]).toEqual([]);
  });

  it("is the header's where only what was left over shows a problem", async () => {
    const steps = leftovers.steps.map((one) => (one.id === "schema" ? { ...one, error: undefined } : one));
    await open("/runs/run-leftovers", {}, { run_get: () => ({ ...leftovers, steps }) });
    await expect.element(button()).toBeVisible();
    expect([...document.querySelectorAll("button.bg-accent")].map((one) => one.textContent)).toEqual(["Försök igen"]);
    await expect.element(page.getByRole("button", { name: "Försök ta bort igen" })).toBeVisible();
  });

  it("says what is in the way, and begins nothing", async () => {
    const { port } = await open("/runs/run-rolled-back", {}, { plan: () => blockedPlanOf(customers[0]!) });
    await userEvent.click(button().first());
    await expect.element(page.getByRole("dialog", { name: "Åkermark Juristbyrå kan inte provisioneras än" })).toBeVisible();
    expect(port.callsOf("provision")).toEqual([]);
  });

  it("is not offered where there is a later run", async () => {
    const later = { ...running.run, id: "run-later", number: 215, customer_name: "Åkermark Juristbyrå", steps_done: 0, steps_total: 12 };
    const { port } = await open("/runs/run-leftovers", {}, { runs_list: () => ({ runs: [later], total: 2, counts: [] }) });
    await expect.element(page.getByRole("button", { name: "Försök ta bort igen" }).first()).toBeVisible();
    await expect.poll(() => port.callsOf("runs_list")).toContainEqual({ query: { customer: "c0", states: [], limit: 1, offset: 0 } });
    await expect.element(button()).not.toBeInTheDocument();
  });

  it.each<{ why: string; change: Partial<RunDetail> }>([
    { why: "a later run lives on it", change: { taken_over: true } },
    { why: "an instance was removed", change: { run: { ...leftovers.run, purpose: "deprovision" } } },
  ])("nor where $why", async ({ change }) => {
    await open("/runs/run-leftovers", {}, { run_get: () => ({ ...leftovers, ...change }) });
    await expect.element(page.getByRole("heading", { name: "Åkermark Juristbyrå" })).toBeVisible();
    await expect.element(button()).not.toBeInTheDocument();
  });
});

describe("cancelling", () => {
  it("says that the run's policy undoes what was made, and what that is", async () => {
    await open("/runs/run-c0", {}, { run_get: () => ({ ...running, run: { ...running.run, on_failure: "rollback" } }) });
    await userEvent.click(page.getByRole("button", { name: "Avbryt körningen" }));
    const dialog = page.getByRole("dialog");
    await expect.element(dialog.getByText(/Steget som pågår görs klart först. Sedan tas det som körningen har skapat bort/)).toBeVisible();
    await expect.element(dialog.getByText(/Behåller du det som har skapats kan körningen återupptas senare\.$/)).toBeVisible();
    await expect.element(dialog.getByText("norrform/client-akermark")).toBeVisible();
  });

  it("keeps what was made where that is chosen, whatever the run's policy", async () => {
    const { port } = await open("/runs/run-c0", {}, { run_get: () => ({ ...running, run: { ...running.run, on_failure: "rollback" } }) });
    await userEvent.click(page.getByRole("button", { name: "Avbryt körningen" }));
    await userEvent.click(page.getByRole("dialog").getByRole("button", { name: "Avbryt och behåll" }));
    await expect.poll(() => port.callsOf("run_cancel")).toEqual([{ run: "run-c0", keep: true }]);
    await expect.element(page.getByRole("dialog")).not.toBeInTheDocument();
  });

  it("works for a run that waits, whoever owned it", async () => {
    const { port } = await open("/runs/run-c0", {}, { run_get: () => ({ ...running, owned_here: false, run: { ...running.run, state: "waiting", reason: "needs_credential", on_failure: "keep" } }) });
    await expect.element(page.getByText("Väntar: en nyckel behövs")).toBeVisible();
    await userEvent.click(page.getByRole("button", { name: "Avbryt körningen" }));
    await expect.element(page.getByRole("dialog").getByText(/^Det som finns behålls/)).toBeVisible();
    await expect.element(page.getByRole("button", { name: "Avbryt och behåll" })).not.toBeInTheDocument();
    await userEvent.keyboard("{Enter}");
    await expect.element(page.getByRole("dialog")).not.toBeInTheDocument();
    expect(port.callsOf("run_cancel")).toEqual([]);
    await userEvent.click(page.getByRole("button", { name: "Avbryt körningen" }));
    await userEvent.click(page.getByRole("dialog").getByRole("button", { name: "Avbryt körningen" }));
    await expect.poll(() => port.callsOf("run_cancel")).toEqual([{ run: "run-c0", keep: false }]);
  });
});

describe("a question to the owner", () => {
  afterEach(() => page.viewport(1440, 900));

  it("is told of in the header of a small window too", async () => {
    await page.viewport(1024, 640);
    await open("/runs/run-deciding");
    const reason = page.getByTitle("ett beslut behövs");
    await expect.element(reason).toBeVisible();
    await expect.poll(() => reason.element().scrollWidth - reason.element().clientWidth).toBeLessThanOrEqual(0);
  });

  const candidates = () => page.getByRole("list", { name: "De som kan vara kundens" });

  it("shows what could be the customer's, with name, id and page", async () => {
    const { port } = await open("/runs/run-deciding");
    await expect.element(page.getByRole("heading", { name: "Flera hos Supabase kan vara client-akermark" })).toBeVisible();
    await expect.element(page.getByText("Väntar: ett beslut behövs")).toBeVisible();
    // Not as a step whose turn has not come.
    expect(step("project")?.textContent).toContain("Kräver åtgärd");
    expect(step("schema")?.textContent).not.toContain("Kräver åtgärd");
    expect(candidates().getByRole("listitem").elements()).toHaveLength(2);
    const second = candidates().getByRole("listitem").nth(1);
    await expect.element(second.getByText("mvqkzrtyhbnwplxodcea").first()).toBeVisible();
    await userEvent.click(second.getByRole("button", { name: "Titta på den" }));
    await expect.poll(() => port.callsOf("candidate_open")).toEqual([{ run: "run-deciding", step: "project", id: "mvqkzrtyhbnwplxodcea" }].map((one) => ({ ...one, run: deciding.run.id })));
    // The answer is what takes it on: resuming would only ask again.
    await expect.element(page.getByRole("button", { name: /Återuppta|Försök steget igen/ })).not.toBeInTheDocument();
  });

  it("takes the owner's word for one", async () => {
    const { port } = await open("/runs/run-deciding");
    await userEvent.click(candidates().getByRole("listitem").nth(1).getByRole("button", { name: /Den här är kundens/ }));
    await expect.poll(() => port.callsOf("run_decide")).toEqual([
      { run: deciding.run.id, step: "project", decision: { decision: "adopt", id: "mvqkzrtyhbnwplxodcea" } },
    ]);
  });

  it("or for none", async () => {
    const { port } = await open("/runs/run-deciding");
    await userEvent.click(page.getByRole("button", { name: "Ingen av dem: skapa en ny" }));
    await expect.poll(() => port.callsOf("run_decide")).toEqual([{ run: deciding.run.id, step: "project", decision: { decision: "new" } }]);
  });

  it("is not asked where it isn't open", async () => {
    const error = deciding.steps.find(({ id }) => id === "project")?.error;
    await open("/runs/run-c0", {}, { run_get: () => ({ ...leftovers, steps: leftovers.steps.map((one) => (one.id === "repo" ? { ...one, error } : one)) }) });
    await expect.element(candidates()).toBeVisible();
    await expect.element(page.getByRole("button", { name: /Den här är kundens/ })).not.toBeInTheDocument();
  });
});

it("P5 a wait that a vendor asked for says until when, by the clock, and counts down", async () => {
  const until = new Date(Date.now() + 95_000);
  await open("/runs/run-c0", {}, { run_get: () => throttled(until.toISOString()) });
  const clock = [until.getHours(), until.getMinutes(), until.getSeconds()].map((part) => String(part).padStart(2, "0")).join(":");
  await expect.poll(() => step("variables")?.textContent).toContain(`Väntar till ${clock}`);
  const left = () => /(\d:\d\d) kvar/.exec(step("variables")?.textContent ?? "")?.[1];
  await expect.poll(left).toMatch(/^1:3\d$/);
  const first = left();
  await expect.poll(left).not.toBe(first);
});

describe("a step that waits, by the record alone", () => {
  const waiting = (until: Date): RunDetail => ({
    ...running,
    steps: running.steps.map((one) =>
      one.id === "variables" ? { ...one, state: "running", attempts: 2, started_at: running.run.started_at, waits_until: until.toISOString() } : one,
    ),
  });

  it("says until when, and counts down", async () => {
    const until = new Date(Date.now() + 65_000);
    await open("/runs/run-c0", { language: "en" }, { run_get: () => waiting(until) });
    await expect.poll(() => step("variables")?.textContent).toContain("Waits until ");
    await expect.poll(() => step("variables")?.textContent).toMatch(/(1:0\d|0:5\d) left/);
  });

  it("says what it does where the wait is over before it is read", async () => {
    await open("/runs/run-c0", { language: "en" }, { run_get: () => waiting(new Date(Date.now() + 2_000)) });
    await expect.poll(() => step("variables")?.textContent).toContain("attempt 2");
    expect(step("variables")?.textContent).not.toContain("Waits until");
  });
});

it("a problem that waits counts down too", async () => {
  const until = new Date(Date.now() + 45_000).toISOString();
  await open("/runs/run-c0", {}, {
    run_get: () => ({ ...running, run: { ...running.run, state: "waiting", reason: "quota", error: { code: "throttled", until, provider: "github" } } }),
  });
  await expect.element(page.getByText(/^0:4\d kvar$/)).toBeVisible();
});

describe("a removal", () => {
  it("can be cancelled where it stands, after the question", async () => {
    const { port } = await open("/runs/run-removing");
    await userEvent.click(page.getByRole("button", { name: "Avbryt borttagningen" }));
    await expect.element(page.getByText(/Det som redan är borttaget kommer inte tillbaka/)).toBeVisible();
    await expect.element(page.getByRole("button", { name: "Låt den fortsätta" })).toHaveFocus();
    await userEvent.click(page.getByRole("dialog").getByRole("button", { name: "Avbryt borttagningen" }));
    await expect.poll(() => port.callsOf("run_cancel").length).toBe(1);
  });

  it("is a run in the order in which things go", async () => {
    await open("/runs/run-removing");
    await expect.element(page.getByText("1 av 6 borttagna")).toBeVisible();
    await expect.element(page.getByText(/Instansen tas bort/)).toBeVisible();
    expect([...document.querySelectorAll<HTMLElement>("[data-step]")].map((one) => one.dataset.step)).toEqual(["site", "config", "repo", "admin", "schema", "project"]);
    expect(step("repo")?.textContent).toContain("Privat GitHub-repo");
    expect(step("project")?.textContent).not.toContain("Skapa projekt");
    await expect.element(page.getByRole("button", { name: "Kopiera överlämning" })).not.toBeInTheDocument();
    await expect.element(page.getByRole("button", { name: "Avbryt körningen" })).not.toBeInTheDocument();
  });

  it("ends with what stays, and why", async () => {
    await open("/runs/run-removed");
    await expect.element(page.getByText("Borttagen", { exact: true })).toBeVisible();
    const remains = page.getByRole("region", { name: "Kvar, som planerat" });
    await expect.element(remains.getByText(/Välkomstmejl, är skickat/)).toBeVisible();
    await expect.element(remains.getByText(/Privat GitHub-repo, fanns redan/)).toBeVisible();
    await expect.element(remains.getByText("norrform/portal")).toBeVisible();
    await expect.element(page.getByRole("button", { name: "Gå till produktion" })).not.toBeInTheDocument();
  });

  it("has words of its own in the list of runs", async () => {
    await open("/runs");
    await expect.element(page.getByText("Borttagen", { exact: true })).toBeVisible();
    await expect.element(page.getByText("borttagning", { exact: true })).toBeVisible();
    expect(runOf({ customer: "c0", state: "running" }).purpose).toBe("provision");
  });
});

it("an unknown run is told as a problem", async () => {
  const { CommandError } = await import("@/backend/errors");
  await open("/runs/nothing", {}, {
    run_get: ({ run }) => {
      throw new CommandError({ code: "run_unknown", run });
    },
  });
  await expect.element(page.getByText("Körningen finns inte")).toBeVisible();
});

it("a wait whose looks find nothing new says since when, and that they go on", async () => {
  const last = (ms: number): RunDetail => ({
    ...running,
    events: running.events.map((event) => (event.step === "project" ? { ...event, at: new Date(Date.now() - ms).toISOString() } : event)),
  });
  const { port } = await open("/runs/run-c0", {}, { run_get: () => last(90_000) });
  await expect.poll(() => step("project")?.textContent).toMatch(/oförändrat sedan \d\d:\d\d:\d\d, kontrolleras fortfarande/);
  port.answers.run_get = () => last(2000);
  port.hint("runs", "run-c0");
  await expect.poll(() => step("project")?.textContent).not.toContain("oförändrat");
});

describe("a step's time", () => {
  afterEach(() => page.viewport(1440, 900));

  it.each([[1920, 1080], [1440, 900], [1280, 800], [1024, 640], [720, 450]] as const)("is to be read beside the usual one at %i × %i", async (width, height) => {
    await page.viewport(width, height);
    const earlier = (at: string | undefined) => at && new Date(Date.parse(at) - 10 * 60_000).toISOString();
    const long: RunDetail = {
      ...running,
      run: { ...running.run, started_at: earlier(running.run.started_at)! },
      steps: running.steps.map((one) => ({ ...one, started_at: earlier(one.started_at), finished_at: earlier(one.finished_at), usual_seconds: 71 })),
      events: running.events.map((event) => ({ ...event, at: earlier(event.at)! })),
    };
    await open("/runs/run-c0", {}, { run_get: () => long });
    const time = () => [...(step("project")?.querySelectorAll<HTMLElement>("span.truncate") ?? [])].find(({ textContent }) => textContent?.includes("vanligtvis"));
    await expect.poll(() => time()?.textContent).toMatch(/ min \d+ s, vanligtvis 1 min 11 s/);
    await expect.poll(() => (time()?.scrollWidth ?? Infinity) - (time()?.clientWidth ?? 0)).toBeLessThanOrEqual(0);
  });
});
