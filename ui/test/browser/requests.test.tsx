import { describe, expect, it, vi } from "vitest";
import { page, userEvent } from "vitest/browser";

import type { OnboardingRequest, Plan } from "@/backend/bindings";
import type { Answer } from "@/backend/port";

import { createFormat } from "../../src/i18n/format";
import { type Answers, refuse } from "../port";
import { customerDetail, customers } from "../records/customers";
import { planOf } from "../records/plans";
import { requests } from "../records/requests";
import { runOf } from "../records/runs";
import { later, open } from "./open";

const row = customers[1]!;
const approve = () => page.getByRole("button", { name: /Godkänn och sätt upp/ });
const subdomain = () => page.getByRole("textbox", { name: "Subdomän" });

function taken(plan: Plan): Plan {
  return {
    ...plan,
    can_run: false,
    missing: [{ code: "name_taken", name: "havsbrisen", provider: "vercel" }],
    steps: plan.steps.map((step) => (step.kind === "vercel-project" ? { ...step, action: "conflict", because: { code: "name_taken", name: "havsbrisen", provider: "vercel" } } : step)),
  };
}

/** An inbox that keeps what is put away, and what is opened again. */
function keeping(given: readonly OnboardingRequest[] = requests): Answers {
  let all = given;
  let now = Date.parse("2026-11-21T12:56:00Z");
  const turn = (id: string, change: Partial<OnboardingRequest>) => {
    now += 1000;
    const updated_at = new Date(now).toISOString();
    all = all.map((one) => (one.id === id ? { ...one, ...change, updated_at } : one));
    return all.find((one) => one.id === id)!;
  };
  return {
    requests_list: ({ query: { states } }) => {
      const found = all.filter(({ state }) => states.includes(state));
      return { requests: found, total: found.length, counts: [] };
    },
    request_get: ({ request }) => all.find(({ id }) => id === request)!,
    request_archive: ({ request }) => turn(request, { state: "archived", decided: { at: "2026-11-21T12:56:00Z", by: "anna@ateljen" } }),
    request_restore: ({ request }) => turn(request, { state: "open", decided: undefined }),
  };
}

it("a request's foot is one line and whole at 1024 × 640", async () => {
  await page.viewport(1024, 640);
  try {
    await open("/requests?request=req-open", {}, {}, { "fabrik.onFailure": "keep" });
    await expect.element(approve()).toBeVisible();
    const foot = document.querySelector("#why-not")?.parentElement;
    const controls = [...(foot?.querySelectorAll("button") ?? [])].filter((one) => one.checkVisibility()).map((one) => one.getBoundingClientRect());
    expect(controls.length).toBe(4);
    expect(foot?.getBoundingClientRect().bottom).toBeLessThanOrEqual(640);
    const middles = controls.map(({ top, height }) => top + height / 2);
    expect(Math.max(...middles) - Math.min(...middles)).toBeLessThan(4);
    const choice = page.getByRole("combobox", { name: "Om något går fel" }).element().firstElementChild;
    expect(choice?.scrollWidth).toBeLessThanOrEqual((choice?.clientWidth ?? 0) + 1);
  } finally {
    await page.viewport(1440, 900);
  }
});

describe("the inbox", () => {
  it("says in the sidebar how many wait, and leads there", async () => {
    const { history } = await open("/customers");
    const link = page.getByRole("link", { name: /Förfrågningar/ });
    await expect.element(link).toHaveTextContent("3");
    await userEvent.click(link);
    await expect.poll(() => history.location.pathname).toBe("/requests");
    await expect.element(page.getByText(/Stripe läst/)).toBeVisible();
    // What was chosen by itself is no stop on the way back.
    await expect.poll(() => history.location.search).toBe("?request=req-open");
    history.back();
    await expect.poll(() => history.location.pathname).toBe("/customers");
  });

  it("goes from one to the next by key, and from what is open to what is decided", async () => {
    const { history } = await open("/requests");
    await expect.element(page.getByRole("heading", { name: "Havsbrisens Naturskola" })).toBeVisible();
    await userEvent.keyboard("jj");
    await expect.element(page.getByRole("heading", { name: "Tonika Musikskola" })).toBeVisible();
    await userEvent.keyboard("k");
    await expect.element(page.getByRole("heading", { name: "Orkesterföreningen Lyran" })).toBeVisible();
    await userEvent.click(page.getByRole("button", { name: /^Arkiv\s*\d/ }));
    await expect.poll(() => history.location.search).toBe("?archive=true&request=req-rejected");
    await expect.element(page.getByRole("button", { name: /Pålssons/ })).toHaveAttribute("aria-current", "true");
    await expect.element(page.getByText(/Avböjd av anna@ateljen/)).toBeVisible();
    await expect.element(page.getByText("Vi tar inte in fler före årsskiftet.")).toBeVisible();
  });

  it("shows the first where none is chosen, and stays with it when another comes in", async () => {
    const { port, history } = await open("/requests");
    await expect.element(page.getByRole("heading", { name: "Havsbrisens Naturskola" })).toBeVisible();
    await expect.element(page.getByRole("button", { name: /Havsbrisens/ })).toHaveAttribute("aria-current", "true");
    const newer = { ...requests[0]!, id: "req-newer", name: "Västanvind Segel" };
    port.answers.requests_list = () => ({ requests: [newer, ...requests.slice(0, 3)], total: 4, counts: [] });
    port.hint("requests", newer.id);
    await expect.element(page.getByRole("button", { name: /Västanvind/ })).toBeVisible();
    await expect.element(page.getByRole("heading", { name: "Havsbrisens Naturskola" })).toBeVisible();
    expect(history.location.search).toBe("?request=req-open");
  });

  it("chooses none that an earlier list still has", async () => {
    const { port, history } = await open("/requests");
    await expect.poll(() => history.location.search).toBe("?request=req-open");
    await userEvent.click(page.getByRole("link", { name: /Kunder/ }));
    await expect.poll(() => history.location.pathname).toBe("/customers");
    const now = later<Answer<"requests_list">>();
    port.answers.requests_list = () => now.promise;
    // What was read is old from now on.
    port.connection(true);
    await userEvent.click(page.getByRole("link", { name: /Förfrågningar/ }));
    await expect.element(page.getByRole("button", { name: /Havsbrisens/ })).toBeVisible();
    expect(history.location.search).toBe("");
    now.settle({ requests: requests.slice(1, 3), total: 2, counts: [] });
    await expect.poll(() => history.location.search).toBe("?request=req-price");
  });

  it("tells which have not been looked at, to readers too, until they are", async () => {
    await open("/requests");
    const unread = page.getByText(", inte läst än");
    await expect.element(page.getByRole("heading", { name: "Havsbrisens Naturskola" })).toBeVisible();
    await expect.element(page.getByRole("button", { name: /Lyran ?, inte läst än/ })).toBeVisible();
    await expect.poll(() => unread.elements().length).toBe(2);
    await userEvent.keyboard("j");
    await expect.poll(() => unread.elements().length).toBe(1);
    await userEvent.keyboard("k");
    await expect.element(page.getByRole("heading", { name: "Havsbrisens Naturskola" })).toBeVisible();
    expect(unread.elements()).toHaveLength(1);
  });

  it("names a plan by its title, and the step's vendor where two steps are called the same", async () => {
    const [first] = requests;
    await open("/requests?request=req-open", {}, {
      requests_list: () => ({ requests: [{ ...first!, plan: "starter" }], total: 1, counts: [] }),
      request_get: () => ({ ...first!, plan: "starter" }),
    });
    await expect.element(page.getByRole("button", { name: /Havsbrisens/ })).toHaveTextContent("factory, Start");
    const steps = page.getByRole("list", { name: "Steg" });
    for (const vendor of ["Supabase", "Vercel"]) {
      await expect.element(steps.getByRole("listitem").filter({ hasText: vendor }).getByText("Skapa projekt")).toBeVisible();
    }
  });

  it("has nothing to choose where nobody waits", async () => {
    const { history } = await open("/requests", {}, { requests_list: () => ({ requests: [], total: 0, counts: [] }) });
    await expect.element(page.getByText("Ingen väntar på svar.")).toBeVisible();
    expect(history.location.search).toBe("");
  });
});

describe("a request in the agency's own table", () => {
  const asked = { ...requests[0]!, origin: { from: "source" as const, table: "db.studio.se/byran public.requests by id", row: "7", said: [] } };

  it("tells which row it is", async () => {
    await open(`/requests?request=${asked.id}`, {}, { request_get: () => asked });
    await expect.element(page.getByText(/från byråns egen tabell/)).toBeVisible();
    await expect.element(page.getByText("db.studio.se/byran public.requests by id 7")).toBeVisible();
  });

  it("keeps the lines of what was written where it is changed", async () => {
    const { port } = await open(`/requests?request=${asked.id}`, {}, { request_get: () => ({ ...asked, message: "Hej!\nHinner ni?" }) });
    await userEvent.click(page.getByRole("button", { name: "Redigera…" }));
    const dialog = page.getByRole("dialog");
    await userEvent.fill(dialog.getByRole("textbox", { name: /^Meddelande/ }), "Hej!\nHinner ni? Före jul");
    await userEvent.click(dialog.getByRole("button", { name: /^Spara/ }));
    await expect.poll(() => port.callsOf("request_edit")).toEqual([{ request: asked.id, wish: expect.objectContaining({ message: "Hej!\nHinner ni? Före jul" }) }]);
  });

  it("whose language can't be read has one chosen before anything is approved or saved", async () => {
    const unread = { ...asked, problem: { code: "field_unreadable" as const, field: "language", value: "svneska", expected: "sv, en" } };
    const { port } = await open(`/requests?request=${asked.id}`, {}, { request_get: () => unread });
    await expect.element(page.getByText("Välj språk först")).toBeVisible();
    await expect.element(approve()).toBeDisabled();
    expect(port.callsOf("request_review")).toEqual([]);
    await userEvent.click(page.getByRole("button", { name: "Redigera…" }));
    const dialog = page.getByRole("dialog");
    const language = dialog.getByRole("combobox", { name: "Språk i mejl till kunden" });
    await expect.element(language).toHaveTextContent("Inte valt än");
    await expect.element(dialog.getByText(/Fältet språk kan inte vara svneska/)).toBeVisible();
    await userEvent.click(dialog.getByRole("button", { name: /^Spara/ }));
    // The one that stood there can be chosen as any other.
    await userEvent.click(language);
    await userEvent.click(page.getByRole("option", { name: "Svenska" }));
    await expect.element(dialog.getByText(/Fältet språk kan inte vara svneska/)).not.toBeInTheDocument();
    await userEvent.click(dialog.getByRole("button", { name: /^Spara/ }));
    await expect.poll(() => port.callsOf("request_edit")).toEqual([{ request: asked.id, wish: expect.objectContaining({ language: "sv" }) }]);
  });

  it("that was decided there says so, and nothing of a subscription", async () => {
    const withdrawn = { ...asked, state: "withdrawn" as const, decided: { at: asked.created_at, by: "anna@ateljen" } };
    await open(`/requests?request=${asked.id}&archive=true`, {}, { request_get: () => withdrawn });
    await expect.element(page.getByText(/Tabellen hade redan ett beslut/)).toBeVisible();
    await expect.element(page.getByText(/Prenumerationen avslutades/)).not.toBeInTheDocument();
  });
});

describe("a subscription of somebody who is a customer already", () => {
  it("says so, and by nobody's word", async () => {
    const already = {
      ...requests[0]!,
      state: "approved" as const,
      origin: { from: "stripe" as const, subscription: "sub_1Qvar", customer: "cus_Rvar", beside: false },
      decided: { at: requests[0]!.created_at, by: "Stripe" },
    };
    await open(`/requests?request=${already.id}&archive=true`, {}, { request_get: () => already });
    await expect.element(page.getByText(/Var redan kund när Stripe berättade om prenumerationen/)).toBeVisible();
    await expect.element(page.getByText(/Godkänd av/)).not.toBeInTheDocument();
  });
});

describe("the inbox by key", () => {
  it("opens what is chosen for work, and goes on to the next from there", async () => {
    const { history } = await open("/requests");
    await expect.element(page.getByRole("heading", { name: "Havsbrisens Naturskola" })).toBeVisible();
    await userEvent.keyboard("j");
    await expect.element(page.getByRole("button", { name: /Lyran/ })).toHaveFocus();
    await expect.poll(() => history.location.search).toBe("?request=req-price");
    await userEvent.keyboard("k");
    await expect.element(page.getByRole("button", { name: /Havsbrisens/ })).toHaveFocus();
    await userEvent.keyboard("{Enter}");
    await expect.element(page.getByRole("region", { name: "Granska" })).toHaveFocus();
    await userEvent.keyboard("{Tab}");
    await expect.element(subdomain()).toHaveFocus();
    await userEvent.keyboard("{Shift>}{Tab}{/Shift}");
    await userEvent.keyboard("j");
    await expect.element(page.getByRole("button", { name: /Lyran/ })).toHaveFocus();
    await expect.poll(() => history.location.search).toBe("?request=req-price");
  });

  it("opens the first for work where nobody chose another", async () => {
    await open("/requests");
    await expect.element(page.getByRole("heading", { name: "Havsbrisens Naturskola" })).toBeVisible();
    await userEvent.keyboard("{Enter}");
    await expect.element(page.getByRole("region", { name: "Granska" })).toHaveFocus();
  });

  it("approves by Ctrl and Enter, as little as by the button where something is in the way, and by no letter", async () => {
    const { port, screen } = await open("/requests?request=req-price");
    await expect.element(page.getByText("Välj mall och plan först")).toBeVisible();
    await userEvent.keyboard("{Control>}{Enter}{/Control}");
    expect(port.callsOf("request_approve")).toEqual([]);
    await screen.unmount();
    const free = await open("/requests?request=req-open", {}, {
      request_approve: ({ request }) => ({ request: { ...requests[0]!, id: request, state: "approved" }, customer: row, run: runOf({ customer: row.id, state: "running" }) }),
    });
    await expect.element(page.getByText("Ledigt").first()).toBeVisible();
    await userEvent.click(subdomain());
    await userEvent.keyboard("a");
    await expect.element(subdomain()).toHaveValue("havsbrisena");
    expect(free.port.callsOf("request_approve")).toEqual([]);
    await userEvent.keyboard("{Backspace}");
    await expect.element(approve()).toBeEnabled();
    (document.activeElement as HTMLElement).blur();
    await userEvent.keyboard("a");
    expect(free.port.callsOf("request_approve")).toEqual([]);
    await userEvent.keyboard("{Control>}{Enter}{/Control}");
    await expect.poll(() => free.history.location.pathname).toMatch(/^\/runs\//);
    expect(free.port.callsOf("request_approve")).toEqual([{ request: "req-open", subdomain: "havsbrisen", on_failure: "rollback" }]);
  });

  it("asks for the reason by R; a chord that ends in R leads where it leads everywhere", async () => {
    const { history } = await open("/requests?request=req-open");
    await expect.element(page.getByRole("heading", { name: "Havsbrisens Naturskola" })).toBeVisible();
    await userEvent.keyboard("r");
    await expect.element(page.getByRole("dialog").getByRole("textbox", { name: "Skäl" })).toHaveFocus();
    await userEvent.keyboard("{Escape}");
    await expect.element(page.getByRole("dialog")).not.toBeInTheDocument();
    await userEvent.keyboard("gu");
    await expect.poll(() => history.location.pathname).toBe("/runs");
    await userEvent.keyboard("gr");
    await expect.poll(() => history.location.pathname).toBe("/requests");
    await expect.element(page.getByRole("heading", { name: "Havsbrisens Naturskola" })).toBeVisible();
    await userEvent.keyboard("gr");
    await expect.element(page.getByRole("dialog")).not.toBeInTheDocument();
  });

  it("tells its keys among the others", async () => {
    await open("/settings/shortcuts");
    await expect.element(page.getByText("Avböj förfrågan")).toBeVisible();
    await expect.element(page.getByText("Arkivera förfrågan")).toBeVisible();
  });
});

describe("a request that is put away", () => {
  const rowOf = (name: RegExp) => page.getByRole("button", { name });
  const heading = (name: string) => page.getByRole("heading", { name, exact: true });
  const archive = () => page.getByRole("button", { name: /^Arkivera/ });
  const undo = () => page.getByRole("button", { name: "Ångra", exact: true });

  it("is archived by E, which goes on to the next, and taken back by its message", async () => {
    const { port, history } = await open("/requests", {}, keeping());
    await expect.element(heading("Havsbrisens Naturskola")).toBeVisible();
    await userEvent.keyboard("j");
    await expect.element(heading("Orkesterföreningen Lyran")).toBeVisible();
    await userEvent.keyboard("e");
    await expect.element(page.getByText("Förfrågan från Orkesterföreningen Lyran är arkiverad")).toBeVisible();
    await expect.element(rowOf(/Tonika/)).toHaveFocus();
    await expect.poll(() => history.location.search).toBe("?request=req-ended");
    await expect.element(rowOf(/Lyran/)).not.toBeInTheDocument();

    // The end of a subscription too; after the last the one before it is next.
    await expect.element(heading("Tonika Musikskola")).toBeVisible();
    await userEvent.keyboard("e");
    await expect.element(page.getByText("Den avslutade prenumerationen för Tonika Musikskola är arkiverad")).toBeVisible();
    await expect.element(rowOf(/Havsbrisens/)).toHaveFocus();
    // One message, however many are put away.
    await expect.element(page.getByText("Förfrågan från Orkesterföreningen Lyran är arkiverad")).not.toBeInTheDocument();
    expect(port.callsOf("request_archive")).toEqual([{ request: "req-price" }, { request: "req-ended" }]);

    await userEvent.click(undo());
    await expect.element(page.getByText("Den avslutade prenumerationen för Tonika Musikskola väntar på beslut igen")).toBeVisible();
    await expect.element(rowOf(/Tonika/)).toHaveFocus();
    await expect.poll(() => history.location.search).toBe("?request=req-ended");
    await expect.element(undo()).not.toBeInTheDocument();
    expect(port.callsOf("request_restore")).toEqual([{ request: "req-ended" }]);
  });

  it("is put away once by E that is held down, while J goes on", async () => {
    const { port } = await open("/requests?request=req-open", {}, keeping());
    await expect.element(heading("Havsbrisens Naturskola")).toBeVisible();
    const hold = (key: string) => document.body.dispatchEvent(new KeyboardEvent("keydown", { key, repeat: true, bubbles: true, cancelable: true }));
    await userEvent.keyboard("e");
    await expect.element(heading("Orkesterföreningen Lyran")).toBeVisible();
    hold("e");
    hold("j");
    await expect.element(heading("Tonika Musikskola")).toBeVisible();
    hold("e");
    hold("k");
    await expect.element(heading("Orkesterföreningen Lyran")).toBeVisible();
    expect(port.callsOf("request_archive")).toEqual([{ request: "req-open" }]);
  });

  it("is put away once by two quick presses, and not by its button meanwhile", async () => {
    const answer = later<Answer<"request_archive">>();
    const { port, history } = await open("/requests?request=req-open", {}, { ...keeping(), request_archive: () => answer.promise });
    await expect.element(heading("Havsbrisens Naturskola")).toBeVisible();
    const press = () => document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "e", bubbles: true, cancelable: true }));
    press();
    press();
    await expect.element(archive()).toBeDisabled();
    press();
    answer.settle({ ...requests[0]!, state: "archived" });
    await expect.poll(() => history.location.search).toBe("?request=req-price");
    expect(port.callsOf("request_archive")).toEqual([{ request: "req-open" }]);
  });

  it("is not while it is approved, or an end is settled", async () => {
    const approving = await open("/requests?request=req-open", {}, { request_approve: () => later<Answer<"request_approve">>().promise });
    await expect.element(approve()).toBeEnabled();
    await userEvent.click(approve());
    await expect.element(archive()).toBeDisabled();
    await userEvent.keyboard("e");
    expect(approving.port.callsOf("request_archive")).toEqual([]);
    await approving.screen.unmount();
    const settling = await open("/requests?request=req-ended", {}, { request_settle: () => later<Answer<"request_settle">>().promise });
    await userEvent.click(page.getByRole("button", { name: "Markera som pausad" }));
    await expect.element(archive()).toBeDisabled();
    await userEvent.keyboard("e");
    expect(settling.port.callsOf("request_archive")).toEqual([]);
  });

  it("keeps its message where it could not be opened again", async () => {
    const decided = { code: "request_decided", state: "withdrawn", by: "bo@kontoret", at: "2026-11-21T12:50:00Z" } as const;
    const { port } = await open("/requests?request=req-open", {}, { ...keeping(), request_restore: () => refuse(decided) });
    await expect.element(heading("Havsbrisens Naturskola")).toBeVisible();
    await userEvent.keyboard("e");
    await userEvent.click(undo());
    await expect.poll(() => port.callsOf("request_restore")).toEqual([{ request: "req-open" }]);
    await expect.element(page.getByText(/Förfrågan är redan/).first()).toBeVisible();
    await expect.element(undo()).toBeVisible();
  });

  it("has no message left when it is opened again in the archive, or by somebody else", async () => {
    const { port, history } = await open("/requests?request=req-open", {}, keeping());
    await expect.element(heading("Havsbrisens Naturskola")).toBeVisible();
    await userEvent.keyboard("e");
    await expect.element(undo()).toBeVisible();
    history.push("/requests?archive=true&request=req-open");
    await userEvent.click(page.getByRole("button", { name: "Öppna igen" }));
    await expect.element(undo()).not.toBeInTheDocument();
    await expect.element(rowOf(/Havsbrisens/)).toHaveFocus();
    await expect.element(archive()).toBeEnabled();
    await userEvent.keyboard("e");
    await expect.element(undo()).toBeVisible();
    await expect.element(rowOf(/Havsbrisens/)).not.toBeInTheDocument();
    await port.call("request_restore", { request: "req-open" });
    port.hint("requests", "req-open");
    await expect.element(rowOf(/Havsbrisens/)).toBeVisible();
    await expect.element(undo()).not.toBeInTheDocument();
  });

  it("is taken back without leaving what was gone on to", async () => {
    const { history } = await open("/requests?request=req-open", {}, keeping());
    await expect.element(heading("Havsbrisens Naturskola")).toBeVisible();
    await userEvent.keyboard("e");
    await expect.element(heading("Orkesterföreningen Lyran")).toBeVisible();
    await userEvent.keyboard("j");
    await expect.element(heading("Tonika Musikskola")).toBeVisible();
    await userEvent.click(undo());
    await expect.element(page.getByText("Förfrågan från Havsbrisens Naturskola är öppen igen")).toBeVisible();
    await expect.element(rowOf(/Havsbrisens/)).toBeVisible();
    expect(history.location.search).toBe("?request=req-ended");
  });

  it("is taken back behind a dialog that was opened meanwhile", async () => {
    const answer = later<Answer<"request_restore">>();
    const { history } = await open("/requests?request=req-open", {}, { ...keeping(), request_restore: () => answer.promise });
    await expect.element(heading("Havsbrisens Naturskola")).toBeVisible();
    await userEvent.keyboard("e");
    await expect.element(heading("Orkesterföreningen Lyran")).toBeVisible();
    await userEvent.click(undo());
    await userEvent.click(page.getByRole("button", { name: /^Avböj/ }));
    const reason = page.getByRole("textbox", { name: "Skäl" });
    await expect.element(reason).toHaveFocus();
    answer.settle(requests[0]!);
    await expect.element(page.getByText("Förfrågan från Havsbrisens Naturskola är öppen igen")).toBeInTheDocument();
    expect(history.location.search).toBe("?request=req-price");
    await expect.element(reason).toHaveFocus();
  });

  it("takes no focus from who types by the time it is listed again", async () => {
    const { port } = await open("/requests?request=req-open", {}, keeping());
    await expect.element(heading("Havsbrisens Naturskola")).toBeVisible();
    await userEvent.keyboard("e");
    await expect.element(rowOf(/Havsbrisens/)).not.toBeInTheDocument();
    const list = later<Answer<"requests_list">>();
    port.answers.requests_list = () => list.promise;
    await userEvent.click(undo());
    await expect.element(heading("Havsbrisens Naturskola")).toBeVisible();
    await userEvent.click(subdomain());
    list.settle({ requests: requests.slice(0, 3), total: 3, counts: [] });
    await expect.element(rowOf(/Havsbrisens/)).toBeVisible();
    await expect.element(subdomain()).toHaveFocus();
  });

  it("leaves the page to be read where it was the last", async () => {
    const { history } = await open("/requests?request=req-open", {}, keeping(requests.slice(0, 1)));
    await userEvent.click(page.getByRole("button", { name: /^Arkivera/ }));
    await expect.element(page.getByText("Ingen väntar på svar.")).toBeVisible();
    await expect.element(page.getByRole("region", { name: "Granska" })).toHaveFocus();
    await expect.poll(() => history.location.search).toBe("");
  });

  it("is taken back from another page too, which stays", async () => {
    const { port, history } = await open("/requests?request=req-open", {}, keeping());
    await expect.element(heading("Havsbrisens Naturskola")).toBeVisible();
    await userEvent.keyboard("e");
    await expect.element(undo()).toBeVisible();
    await userEvent.keyboard("gu");
    await expect.poll(() => history.location.pathname).toBe("/runs");
    await userEvent.click(undo());
    await expect.element(page.getByText("Förfrågan från Havsbrisens Naturskola är öppen igen")).toBeVisible();
    expect(port.callsOf("request_restore")).toEqual([{ request: "req-open" }]);
    expect(history.location.pathname).toBe("/runs");
  });

  it("says in the archive who did it, and is opened again there", async () => {
    const archived: OnboardingRequest = { ...requests[2]!, state: "archived", decided: { at: "2026-11-21T12:56:00Z", by: "anna@ateljen" } };
    const { port, history } = await open("/requests?archive=true&request=req-ended", {}, keeping([...requests.slice(0, 2), archived]));
    await expect.element(page.getByText(/Arkiverad utan beslut av anna@ateljen/)).toBeVisible();
    await userEvent.keyboard("e");
    expect(port.callsOf("request_archive")).toEqual([]);
    await userEvent.click(page.getByRole("button", { name: "Öppna igen" }));
    await expect.poll(() => history.location.search).toBe("?request=req-ended");
    await expect.element(rowOf(/Tonika/)).toHaveFocus();
    await expect.element(page.getByRole("button", { name: "Markera som pausad" })).toBeVisible();
  });

  it("stays where it is when it was decided meanwhile, and says so", async () => {
    const decided = { code: "request_decided", state: "approved", by: "bo@kontoret", at: "2026-11-21T12:50:00Z" } as const;
    const { history } = await open("/requests?request=req-open", {}, { request_archive: () => refuse(decided) });
    await expect.element(heading("Havsbrisens Naturskola")).toBeVisible();
    await userEvent.keyboard("e");
    await expect.element(page.getByText("Förfrågan är redan godkänd").first()).toBeVisible();
    await expect.element(undo()).not.toBeInTheDocument();
    expect(history.location.search).toBe("?request=req-open");
  });
});

describe("reading Stripe at once", () => {
  it("tells how many events there were, what they became and until when all is read", async () => {
    const read_at = new Date().toISOString();
    const { port } = await open("/requests", {}, {
      stripe_read: () => ({ events: 5, added: [requests[0]!, requests[1]!, requests[2]!], withdrawn: [{ ...requests[0]!, state: "withdrawn" }], read_at }),
    });
    await userEvent.click(page.getByRole("button", { name: "Läs betalningar nu" }));
    await expect.element(page.getByText("5 händelser lästa hos Stripe")).toBeVisible();
    await expect
      .element(page.getByText(`2 nya förfrågningar, 1 avslutad prenumeration, 1 återtagen förfrågan. Allt är läst till ${createFormat("sv").timeWithSeconds(read_at)}.`))
      .toBeVisible();
    expect(port.callsOf("stripe_read")).toEqual([{}]);
    await expect.poll(() => port.callsOf("requests_list").length).toBeGreaterThan(1);
  });

  it("tells that nothing was new", async () => {
    await open("/requests", {}, { stripe_read: () => ({ events: 0, added: [], withdrawn: [], read_at: "2026-11-21T12:56:00Z" }) });
    await userEvent.click(page.getByRole("button", { name: "Läs betalningar nu" }));
    await expect.element(page.getByText("Inget nytt hos Stripe")).toBeVisible();
    await expect.element(page.getByText(/^Inga nya förfrågningar\. Allt är läst till/)).toBeVisible();
  });

  it("says with the inbox why it can't be read", async () => {
    const problem = { code: "credential_unrestricted", provider: "stripe" } as const;
    let asked = false;
    await open("/requests", {}, {
      stripe_read: () => {
        asked = true;
        return refuse(problem);
      },
      requests_list: () => ({ requests: [], total: 0, counts: [], stripe: { reading: {}, ...(asked ? { problem } : {}) } }),
    });
    await userEvent.click(page.getByRole("button", { name: "Läs betalningar nu" }));
    await expect.element(page.getByText("Nyckeln för Stripe får göra allt i kontot")).toBeVisible();
    await expect.element(page.getByRole("button", { name: "Läs betalningar nu" })).toBeEnabled();
  });

  it("is for who has a key for it alone", async () => {
    await open("/requests", {}, { requests_list: () => ({ requests: [], total: 0, counts: [] }) });
    await expect.element(page.getByText("Ingen väntar på svar.")).toBeVisible();
    await expect.element(page.getByRole("button", { name: "Läs betalningar nu" })).not.toBeInTheDocument();
  });
});

describe("the review", () => {
  it("shows the names at every vendor, the price and the steps before anything is made", async () => {
    const { port } = await open("/requests?request=req-open");
    const names = page.getByRole("list", { name: "Namn hos leverantörerna" });
    await expect.element(names.getByText("Ledigt").first()).toBeVisible();
    await expect.element(page.getByText("Ledig", { exact: true })).toBeVisible();
    await expect.element(page.getByRole("list", { name: "Steg" })).toBeVisible();
    expect(port.callsOf("request_review")).toEqual([{ request: "req-open", subdomain: "havsbrisen" }]);
    expect(port.callsOf("request_approve")).toEqual([]);
  });

  it("checks the subdomain while one types, and asks the vendors for a name that is free alone", async () => {
    const { port } = await open("/requests?request=req-open");
    await userEvent.fill(subdomain(), "tonika");
    await expect.element(page.getByText(/Tonika Musikskola har redan tonika/)).toBeVisible();
    await expect.element(approve()).toBeDisabled();
    await expect.element(page.getByText("Namnet är inte ledigt")).toBeVisible();
    await userEvent.fill(subdomain(), "havsbrisen-app");
    await expect.element(approve()).toBeEnabled();
    await expect.poll(() => port.callsOf("request_review").at(-1)).toEqual({ request: "req-open", subdomain: "havsbrisen-app" });
    expect(port.callsOf("request_review").some((call) => call.subdomain === "tonika")).toBe(false);
  });

  it("keeps the yes back while a name is taken at a vendor", async () => {
    await open("/requests?request=req-open", {}, { request_review: () => taken(planOf(row)) });
    await expect.element(page.getByText("Upptaget")).toBeVisible();
    await expect.element(approve()).toBeDisabled();
    await expect.element(page.getByText("Något är i vägen")).toBeVisible();
  });

  it("approves by Ctrl Enter, with the subdomain as it stands, and shows the run", async () => {
    const { port, history } = await open("/requests?request=req-open", {}, {
      request_approve: ({ request }) => ({ request: { ...requests[0]!, id: request, state: "approved" }, customer: row, run: runOf({ customer: row.id, state: "running" }) }),
    });
    await expect.element(page.getByText("Ledigt").first()).toBeVisible();
    await userEvent.keyboard("{Control>}{Enter}{/Control}");
    await expect.poll(() => history.location.pathname).toMatch(/^\/runs\//);
    expect(port.callsOf("request_approve")).toEqual([{ request: "req-open", subdomain: "havsbrisen", on_failure: "rollback" }]);
  });

  describe("whose approval is drawn before its answer is there", () => {
    const approved = { ...requests[0]!, state: "approved" as const, decided: { at: "2026-11-21T12:56:00Z", by: "anna@ateljen" } };
    const run = runOf({ customer: row.id, state: "running" });

    async function decided() {
      const answer = later<Answer<"request_approve">>();
      const opened = await open("/requests?request=req-open", {}, { request_approve: () => answer.promise });
      await expect.element(approve()).toBeEnabled();
      await userEvent.click(approve());
      opened.port.answers.request_get = () => approved;
      opened.port.hint("requests", "req-open");
      await expect.element(approve()).not.toBeInTheDocument();
      return { ...opened, answer };
    }

    it("goes on to its run all the same", async () => {
      const { history, answer } = await decided();
      answer.settle({ request: approved, customer: row, run });
      await expect.poll(() => history.location.pathname).toMatch(/^\/runs\//);
    });

    it("says that it could not be begun", async () => {
      const { history, answer } = await decided();
      answer.settle({ request: approved, customer: row, problem: { code: "run_active", run: run.id } });
      await expect.poll(() => history.location.pathname).toBe(`/customers/${row.id}`);
      await expect.element(page.getByText("Kunden har redan en körning som pågår").first()).toBeInTheDocument();
    });

    it("pulls nobody away from what was gone on to", async () => {
      const { history, answer } = await decided();
      history.push("/settings/about");
      await expect.poll(() => history.location.pathname).toBe("/settings/about");
      answer.settle({ request: approved, customer: row, run });
      await expect.element(page.getByText(new RegExp(`${row.name}.*`)).first()).toBeInTheDocument();
      expect(history.location.pathname).toBe("/settings/about");
    });
  });

  it("is reviewed anew once another plan is saved: the old review is not shown meanwhile", async () => {
    let reviewed: () => Plan | Promise<Plan> = () => taken(planOf(row));
    const { port } = await open("/requests?request=req-open", {}, { request_review: () => reviewed() });
    await expect.element(page.getByText("Något är i vägen")).toBeVisible();
    reviewed = () => later<Plan>().promise;
    port.answers.request_get = () => ({ ...requests[0]!, plan: "professional", updated_at: "2026-11-21T13:10:00Z" });
    port.hint("requests", "req-open");
    await expect.element(page.getByText("Något är i vägen")).not.toBeInTheDocument();
    await expect.poll(() => port.callsOf("request_review").length).toBeGreaterThan(1);
    await expect.element(page.getByText("Något är i vägen")).not.toBeInTheDocument();
  });

  it.each(["Fråga…", "Avböj…"])("is not approved by Ctrl Enter while %s is written over it", async (name) => {
    const { port } = await open("/requests?request=req-open");
    await expect.element(approve()).toBeEnabled();
    await userEvent.click(page.getByRole("button", { name }));
    const text = page.getByRole("dialog").getByRole("textbox").last();
    await expect.element(text).toBeVisible();
    // The focus may be nowhere, too.
    (document.activeElement as HTMLElement).blur();
    await userEvent.keyboard("{Control>}{Enter}{/Control}");
    await userEvent.fill(text, "Hur många är ni?");
    await userEvent.keyboard("{Control>}{Enter}{/Control}");
    expect(port.callsOf("request_approve")).toEqual([]);
  });

  it("tells by whom and when, where another was first", async () => {
    const decided = { code: "request_decided", state: "approved", by: "bo@kontoret", at: "2026-11-21T12:50:00Z" } as const;
    await open("/requests?request=req-open", {}, { request_approve: () => refuse(decided) });
    await expect.element(approve()).toBeEnabled();
    await userEvent.click(approve());
    await expect.element(page.getByText("Förfrågan är redan godkänd")).toBeVisible();
    await expect.element(page.getByText(/bo@kontoret gjorde det/)).toBeVisible();
  });

  it("leads to the customer where it was approved and its provisioning could not begin", async () => {
    const { history } = await open("/requests?request=req-open", {}, {
      request_approve: () => ({ request: { ...requests[0]!, state: "approved" }, customer: row, problem: { code: "credential_missing", provider: "vercel" } }),
    });
    await expect.element(approve()).toBeEnabled();
    await userEvent.click(approve());
    await expect.poll(() => history.location.pathname).toBe(`/customers/${row.id}`);
    await expect.element(page.getByText(/är kund, men sattes inte upp/).first()).toBeVisible();
  });

  it("has a question to whoever asked, in their language, to be copied", async () => {
    const copied: string[] = [];
    vi.spyOn(navigator.clipboard, "writeText").mockImplementation(async (text) => void copied.push(text));
    const { port } = await open("/requests?request=req-open", { language: "en" });
    await userEvent.click(page.getByRole("button", { name: "Ask…" }));
    const dialog = page.getByRole("dialog", { name: "Ask Havsbrisens Naturskola" });
    await userEvent.click(dialog.getByRole("button", { name: "Copy maja@havsbrisen.se" }));
    await expect.poll(() => copied).toEqual(["maja@havsbrisen.se"]);
    const text = dialog.getByRole("textbox", { name: "Question" });
    await expect.element(text).toHaveValue("Hej Maja Öhrn!\n\nTack för er förfrågan om Havsbrisens Naturskola. Innan vi sätter upp något undrar vi:\n\n");
    await userEvent.fill(text, "Hej Maja Öhrn!\n\nHur många är ni?");
    await userEvent.click(dialog.getByRole("button", { name: "Copy the question" }));
    await expect.poll(() => copied.at(-1)).toBe("Hej Maja Öhrn!\n\nHur många är ni?");
    // Nothing is decided by it.
    expect(port.calls.filter(({ name }) => name === "request_reject" || name === "request_edit")).toEqual([]);
  });

  it("rejects with a reason alone", async () => {
    const { port } = await open("/requests?request=req-open", {}, { request_reject: ({ reason }) => ({ ...requests[0]!, state: "rejected", decided: { at: "2026-11-21T12:56:00Z", by: "anna@ateljen", reason } }) });
    await userEvent.click(page.getByRole("button", { name: "Avböj…" }));
    const dialog = page.getByRole("dialog");
    const no = dialog.getByRole("button", { name: "Avböj", exact: true });
    await expect.element(no).toBeDisabled();
    await userEvent.type(dialog.getByRole("textbox", { name: "Skäl" }), "Ingen plats");
    await userEvent.click(no);
    await expect.element(dialog).not.toBeInTheDocument();
    expect(port.callsOf("request_reject")).toEqual([{ request: "req-open", reason: "Ingen plats" }]);
  });

  it("a reason that was begun is asked about before it is lost", async () => {
    const { port } = await open("/requests?request=req-open");
    await userEvent.click(page.getByRole("button", { name: /Avböj/ }));
    await userEvent.fill(page.getByRole("dialog").getByRole("textbox", { name: "Skäl" }), "Vi har inte tid");
    await userEvent.keyboard("{Escape}");
    const asked = page.getByRole("dialog", { name: "Lämna utan att spara?" });
    await expect.element(asked).toBeVisible();
    // Once more is no answer: the question goes, and what was typed stays.
    await userEvent.keyboard("{Escape}");
    await expect.element(asked).not.toBeInTheDocument();
    await expect.element(page.getByRole("textbox", { name: "Skäl" })).toHaveValue("Vi har inte tid");
    await userEvent.click(page.getByRole("dialog").getByRole("button", { name: "Stäng" }));
    await userEvent.click(asked.getByRole("button", { name: "Släng ändringarna" }));
    await expect.element(page.getByRole("dialog")).not.toBeInTheDocument();
    expect(port.callsOf("request_reject")).toEqual([]);
  });

  it("a question that was begun stays while the request is changed elsewhere, and is asked about too", async () => {
    const { port } = await open("/requests?request=req-open");
    await userEvent.click(page.getByRole("button", { name: "Fråga…" }));
    const text = page.getByRole("dialog").getByRole("textbox").last();
    await userEvent.fill(text, "Hur många är ni?");
    port.answers.request_get = () => ({ ...requests[0]!, contact_name: "Åsa Öhrn", updated_at: "2026-11-21T13:10:00Z" });
    port.hint("requests", "req-open");
    await expect.element(page.getByText("Åsa Öhrn").first()).toBeInTheDocument();
    await expect.element(text).toHaveValue("Hur många är ni?");
    await userEvent.keyboard("{Escape}");
    await expect.element(page.getByRole("dialog", { name: "Lämna utan att spara?" })).toBeVisible();
  });

  it("says of an unknown price what mends it, and lets the plan be chosen", async () => {
    const { port } = await open("/requests?request=req-price");
    await expect.element(page.getByText("Stripes pris hör inte till någon plan")).toBeVisible();
    await expect.element(approve()).toBeDisabled();
    await expect.element(page.getByText("Välj mall och plan först")).toBeVisible();
    expect(port.callsOf("request_review")).toEqual([]);
    await userEvent.click(page.getByRole("button", { name: "Redigera…" }));
    const dialog = page.getByRole("dialog");
    await expect.element(dialog.getByRole("textbox", { name: "Subdomän" })).toHaveValue("lyran");
  });
});

it("a request is typed in with the customer's form", async () => {
  const { port, history } = await open("/requests?new=true");
  const field = (name: string) => page.getByRole("dialog").getByRole("textbox", { name, exact: true });
  await userEvent.type(field("Namn"), "Västanvind Segel");
  await expect.element(field("Subdomän")).toHaveValue("vastanvind-segel");
  await userEvent.type(field("Kontaktens e-post"), "johan@vastanvind.se");
  await userEvent.type(field("Meddelande (valfritt)"), "Ring mig");
  await expect.element(page.getByText("Ledig", { exact: true })).toBeVisible();
  await userEvent.click(page.getByRole("button", { name: /Lägg till förfrågan/ }));
  await expect.poll(() => history.location.search).toBe("?request=req-new");
  expect(port.callsOf("request_add")).toEqual([
    { wish: expect.objectContaining({ name: "Västanvind Segel", subdomain: "vastanvind-segel", contact_email: "johan@vastanvind.se", message: "Ring mig", blueprint: "factory", plan: "starter" }) },
  ]);
});

it("a request is added once, however often its key is pressed", async () => {
  const answer = later<OnboardingRequest>();
  const { port } = await open("/requests?new=true", {}, { request_add: () => answer.promise });
  const field = (name: string) => page.getByRole("dialog").getByRole("textbox", { name, exact: true });
  await userEvent.type(field("Namn"), "Västanvind Segel");
  await userEvent.type(field("Kontaktens e-post"), "johan@vastanvind.se");
  await expect.element(page.getByText("Ledig", { exact: true })).toBeVisible();
  await userEvent.keyboard("{Control>}{Enter}{/Control}");
  await expect.element(page.getByRole("button", { name: /Lägg till förfrågan/ })).toBeDisabled();
  await userEvent.keyboard("{Control>}{Enter}{Enter}{/Control}");
  expect(port.callsOf("request_add")).toHaveLength(1);
});

it("the end of a subscription opens the removal, where the name is typed", async () => {
  const { history, port } = await open("/requests?request=req-ended");
  await userEvent.click(page.getByRole("link", { name: "Ta bort instansen…" }));
  await expect.poll(() => history.location.pathname).toBe("/customers/c6");
  const dialog = page.getByRole("dialog", { name: /Ta bort.*Tonika Musikskola/ });
  const submit = dialog.getByRole("button", { name: /Ta bort instansen/ });
  await expect.element(submit).toBeDisabled();
  await userEvent.fill(dialog.getByRole("textbox"), "tonika");
  await expect.element(submit).toBeEnabled();
  // Closed, the address is the customer's alone: the way back and a reload open nothing.
  await userEvent.click(dialog.getByRole("button", { name: "Avbryt" }));
  await expect.element(dialog).not.toBeInTheDocument();
  await expect.poll(() => history.location.search).toBe("");
  expect(port.callsOf("deprovision")).toEqual([]);
});

it("the end of a subscription waits for the removal that goes on, and asks again where that came to nothing", async () => {
  const tonika = customers.find(({ id }) => id === "c6")!;
  const removal = { ...runOf({ customer: "c6", state: "undoing" }), id: "run-removal", number: 215, purpose: "deprovision" as const };
  let last: typeof removal = removal;
  const { history, port } = await open("/requests?request=req-ended", {}, { customer_get: () => customerDetail({ ...tonika, last_run: last }) });
  await expect.element(page.getByText(/Instansen tas bort av körning 215/)).toBeVisible();
  await expect.element(page.getByRole("button", { name: "Markera som pausad" })).not.toBeInTheDocument();
  last = { ...removal, state: "cancelled", finished_at: "2026-11-21T12:56:00Z" };
  port.hint("runs", "run-removal");
  await expect.element(page.getByRole("button", { name: "Markera som pausad" })).toBeVisible();
  last = removal;
  port.hint("runs", "run-removal");
  await userEvent.click(page.getByRole("link", { name: "Till körningen" }));
  await expect.poll(() => history.location.pathname).toBe("/runs/run-removal");
});

it("where there is no instance the removal is the customer's", async () => {
  await open("/customers/c1?remove=true");
  await expect.element(page.getByRole("dialog", { name: "Ta bort Nordanvind Byggkonsult?" })).toBeVisible();
  await expect.element(page.getByRole("textbox", { name: "Skriv Nordanvind Byggkonsult eller nordanvind för att bekräfta" })).toBeVisible();
});

it("the end of a subscription is settled", async () => {
  const { port } = await open("/requests?request=req-ended", {}, { request_settle: () => ({ ...requests[2]!, state: "settled" }) });
  await expect.element(page.getByText(/Vad ska hända med instansen/)).toBeVisible();
  await userEvent.click(page.getByRole("button", { name: "Markera som pausad" }));
  await expect.poll(() => port.callsOf("request_settle")).toEqual([{ request: "req-ended", pause: true }]);
});

it("the end of an add-on is told as that, and asks nothing about the instance", async () => {
  const addOn: OnboardingRequest = {
    ...requests[2]!,
    origin: { from: "stripe", subscription: "sub_1Qstod", customer: "cus_Rtonika", price: "price_1Qstod", beside: true },
  };
  const inbox = { requests_list: () => ({ requests: [addOn], total: 1, counts: [] }), request_get: () => addOn };
  const { port } = await open("/requests?request=req-ended", {}, { ...inbox, request_settle: () => ({ ...addOn, state: "settled" as const }) });
  await expect.element(page.getByText(/Kundens plan är en annan prenumeration/)).toBeVisible();
  await expect.element(page.getByText("price_1Qstod")).toBeVisible();
  await expect.element(page.getByText("Tillägg avslutat")).toBeVisible();
  await expect.element(page.getByRole("button", { name: "Markera som pausad" })).not.toBeInTheDocument();
  await expect.element(page.getByRole("link", { name: "Ta bort instansen…" })).not.toBeInTheDocument();
  await userEvent.click(page.getByRole("button", { name: "Markera som hanterad", exact: true }));
  await expect.poll(() => port.callsOf("request_settle")).toEqual([{ request: "req-ended", pause: false }]);
});
