import { describe, expect, it } from "vitest";
import { page, userEvent } from "vitest/browser";

import type { RunDetail } from "@/backend/bindings";

import { failed, running, succeeded } from "../records/runs";
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
    await expect.element(page.getByRole("log", { name: "Logg för Skapa repository" })).not.toBeInTheDocument();
    await userEvent.click(page.getByRole("button", { name: "Skapa repository" }));
    await expect.element(page.getByRole("log", { name: "Logg för Skapa repository" })).toBeVisible();
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

  it("is cancelled only after the question", async () => {
    const { port } = await open("/runs/run-c0");
    await userEvent.click(page.getByRole("button", { name: "Avbryt körningen" }));
    await expect.element(page.getByRole("button", { name: "Låt den fortsätta" })).toHaveFocus();
    expect(port.callsOf("run_cancel")).toEqual([]);
    await userEvent.click(page.getByRole("dialog").getByRole("button", { name: "Avbryt körningen" }));
    await expect.poll(() => port.callsOf("run_cancel")).toEqual([{ run: "run-c0" }]);
  });

  it("is cancelled where it is owned, not here", async () => {
    await open("/runs/run-c0", {}, { run_get: () => ({ ...running, owned_here: false }) });
    await expect.element(page.getByText(/En annan process äger körningen/)).toBeVisible();
    await expect.element(page.getByRole("button", { name: "Avbryt körningen" })).not.toBeInTheDocument();
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

  it("is told in English too", async () => {
    await open("/runs/run-failed", { language: "en" });
    await expect.element(page.getByRole("heading", { name: "Supabase refused the schema" })).toBeVisible();
    await expect.element(page.getByText("6 of 12 steps done")).toBeVisible();
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
