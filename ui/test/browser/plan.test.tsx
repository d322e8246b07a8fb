import { describe, expect, it } from "vitest";
import { page, userEvent } from "vitest/browser";

import { planOf } from "../records/plans";
import { refuse } from "../port";
import { customers } from "../records/customers";
import { later, open } from "./open";

const dialog = () => page.getByRole("dialog");
const line = (id: string) => document.querySelector<HTMLElement>(`[data-planned="${id}"]`);

describe("a plan", () => {
  it("shows each step, what it needs, its time and price, and provisions", async () => {
    const { port, history } = await open("/customers/c1");
    await userEvent.click(page.getByRole("button", { name: "Visa plan" }));
    await expect.element(dialog().getByText("12 görs")).toBeVisible();
    expect(line("project")?.textContent).toContain("client-nordanvind");
    expect(line("project")?.textContent).toContain("45 s");
    expect(line("variables")?.textContent).toContain("3 variabler");
    await expect.element(dialog().getByText("1 min 38 s")).toBeVisible();
    await expect.element(dialog().getByText(/25,00/)).toBeVisible();
    await expect.element(dialog().getByText("listpriser 2026-11-01")).toBeVisible();
    await expect.element(dialog().getByRole("list", { name: "Nycklar och behörigheter" }).getByText("workflow")).toBeVisible();
    expect(port.callsOf("provision"), "looking makes nothing").toEqual([]);
    await userEvent.click(dialog().getByRole("button", { name: "Provisionera" }));
    await expect.poll(() => history.location.pathname).toBe("/runs/run-c1");
    expect(port.callsOf("provision")).toEqual([{ customer: "c1", on_failure: "rollback" }]);
  });

  it("keeps an instance that stands where something fails, says why, and does otherwise where it is told to", async () => {
    const row = customers[4]!;
    const plan = () => planOf(row);
    const show = async () => {
      await userEvent.click(page.getByRole("button", { name: /^Åtgärder/ }));
      await userEvent.click(page.getByRole("menuitem", { name: "Visa plan" }));
    };
    const choice = dialog().getByRole("combobox", { name: "Om något går fel" });
    // What was chosen for first runs is no choice here.
    const { port, screen } = await open("/customers/c4", {}, { plan }, { "fabrik.onFailure": "rollback" });
    await show();
    await expect.element(choice).toHaveTextContent("behåll det som finns");
    await expect.element(dialog().getByText("I en instans som redan finns går inte allt att återställa: variabler, inloggning och det en tidigare körning har ändrat blir kvar som det är.")).toBeVisible();
    await userEvent.click(dialog().getByRole("button", { name: "Provisionera" }));
    await expect.poll(() => port.callsOf("provision")).toEqual([{ customer: "c4", on_failure: "keep" }]);
    await screen.unmount();

    const again = await open("/customers/c4", {}, { plan });
    await show();
    await userEvent.click(choice);
    await userEvent.click(page.getByRole("option", { name: "ångra allt" }));
    await userEvent.click(dialog().getByRole("button", { name: "Provisionera" }));
    await expect.poll(() => again.port.callsOf("provision")).toEqual([{ customer: "c4", on_failure: "rollback" }]);
    expect(localStorage.getItem("fabrik.onFailure"), "for this once").toBeNull();
  });

  it("says that there is nothing to do rather than that it takes no time, and of what is not known no time", async () => {
    const done = { ...planOf(customers[4]!), expected_seconds: 0 };
    const { screen } = await open("/customers/c1", {}, { plan: () => ({ ...done, steps: done.steps.map((step) => ({ ...step, action: "skip" as const })) }) });
    await userEvent.click(page.getByRole("button", { name: "Visa plan" }));
    const sums = dialog().getByRole("region", { name: "Tid och pris" });
    await expect.element(sums).toHaveTextContent("StegInget att göra");
    expect(sums.element().textContent).not.toContain("0 s");
    await screen.unmount();
    await open("/customers/c1", {}, { plan: () => done });
    await userEvent.click(page.getByRole("button", { name: "Visa plan" }));
    await expect.element(sums).toHaveTextContent("25,00");
    expect(sums.element().textContent).not.toContain("Tar vanligtvis");
  });

  it("says how the vendors' limits let it go, where they are told", async () => {
    const limits = { provider: "github", per_hour: 20, done_at: "2026-11-21T10:00:00Z" } as const;
    await open("/customers/c1", {}, { plan: () => ({ ...planOf(customers[1]!), limits }) });
    await userEvent.click(page.getByRole("button", { name: "Visa plan" }));
    await expect.element(dialog().getByText(/^GitHubs gränser tillåter 20 i timmen: klart omkring /)).toBeVisible();
  });

  it("names everything that is in the way, and offers another look instead of a start", async () => {
    const { port } = await open("/customers/c9", { language: "en" });
    await userEvent.click(page.getByRole("button", { name: "Actions" }));
    await userEvent.click(page.getByRole("menuitem", { name: "Show plan" }));
    const faults = dialog().getByRole("list", { name: "In the way" });
    await expect.element(faults.getByText("The credential for Resend is missing")).toBeVisible();
    await expect.element(faults.getByRole("button", { name: "Change scopes at GitHub" })).toBeVisible();
    expect(line("project")?.dataset.action).toBe("adopt");
    expect(line("schema")?.textContent).toContain("Nothing to do");
    expect(line("schema")?.textContent, "it takes no time").not.toContain("6 s");
    expect(line("repo")?.textContent).toContain("In conflict");
    expect(line("repo")?.textContent, "once that is mended").toContain("4 s");
    expect(line("welcome")?.textContent).toContain("Blocked");
    await expect.element(dialog().getByRole("button", { name: "Provision" })).not.toBeInTheDocument();
    await userEvent.click(dialog().getByRole("button", { name: "Check again" }));
    await expect.poll(() => port.callsOf("plan").length).toBe(2);
    expect(port.callsOf("provision")).toEqual([]);
  });

  it.each([
    { code: "vercel_app_missing", owner: "norrform", provider: "vercel" },
    { code: "vercel_app_limited", repository: "norrform/*", provider: "vercel" },
  ] as const)("leads to the page that mends it where it is $code", async (problem) => {
    const plan = () => {
      const { steps, ...rest } = planOf(customers[1]!);
      const blocked = steps.map((step) => (step.id === "site" ? { ...step, action: "blocked" as const, because: problem } : step));
      return { ...rest, can_run: false, missing: [problem], steps: blocked };
    };
    const { port } = await open("/customers/c1", {}, { plan });
    await userEvent.click(page.getByRole("button", { name: "Visa plan" }));
    const faults = dialog().getByRole("list", { name: "I vägen" });
    await userEvent.click(faults.getByRole("button", { name: "Öppna Vercels app på GitHub" }));
    await expect.poll(() => port.callsOf("vercel_app_open")).toEqual([{}]);
  });

  it("is reached from a row, says what it waits for, and is asked anew each time", async () => {
    const answer = later<ReturnType<typeof planOf>>();
    const { port } = await open("/customers", {}, { plan: () => answer.promise });
    await expect.element(page.getByRole("link", { name: "Nordanvind Byggkonsult" })).toBeVisible();
    await userEvent.keyboard("jj.");
    await userEvent.click(page.getByRole("menuitem", { name: "Visa plan" }));
    await expect.element(dialog().getByText("Frågar leverantörerna vad som finns…")).toBeVisible();
    await expect.element(dialog().getByRole("button", { name: "Provisionera" })).toBeDisabled();
    answer.settle(planOf(customers[1]!));
    await expect.element(dialog().getByText("12 görs")).toBeVisible();
    await userEvent.keyboard("{Escape}");
    await expect.element(dialog()).not.toBeInTheDocument();
    await userEvent.keyboard(".");
    await userEvent.click(page.getByRole("menuitem", { name: "Visa plan" }));
    await expect.poll(() => port.callsOf("plan").length).toBe(2);
  });

  it("tells why it can't be made, and why a run could not begin after all", async () => {
    let broken = true;
    await open("/customers/c1", {}, {
      plan: () => (broken ? refuse({ code: "blueprint_unknown", blueprint: "factory", known: [] }) : planOf(customers[1]!)),
      provision: () => refuse({ code: "run_active", run: "run-c1" }),
    });
    await userEvent.click(page.getByRole("button", { name: "Visa plan" }));
    await expect.element(dialog().getByRole("alert")).toBeVisible();
    broken = false;
    await userEvent.click(dialog().getByRole("button", { name: "Försök igen" }));
    await userEvent.click(dialog().getByRole("button", { name: "Provisionera" }));
    await expect.element(dialog().getByText("Kunden har redan en körning som pågår")).toBeVisible();
  });
});
