/** What is wrong with a file is told in the words of whoever reads it, wherever the problem is. */

import { expect, it } from "vitest";
import { page, userEvent } from "vitest/browser";

import { refuse } from "../port";
import { customers } from "../records/customers";
import { planOf } from "../records/plans";
import { failed } from "../records/runs";
import { open } from "./open";

const why = "blueprint.toml, line 41: there is no step supabas";
const problem = { code: "blueprint_invalid", blueprint: "atelier", why } as const;
const dialog = () => page.getByRole("dialog");
const file = (name: string, text: string) => userEvent.upload(dialog().getByLabelText("Välj fil", { exact: false }).first(), new File([text], name, { type: "text/csv" }));

it("at a step of the plan", async () => {
  const { steps, ...plan } = planOf(customers[1]!);
  const blocked = steps.map((step) => (step.id === "site" ? { ...step, action: "blocked" as const, because: problem } : step));
  await open("/customers/c1", {}, { plan: () => ({ ...plan, can_run: false, steps: blocked }) });
  await userEvent.click(page.getByRole("button", { name: "Visa plan" }));
  await expect.poll(() => document.querySelector('[data-planned="site"]')?.textContent).toContain(why);
});

it("among what the diagnosis finds", async () => {
  const findings = [{ subject: "workspace" as const, name: "norrform", problem, optional: false, waits: false }];
  await open("/settings/about", {}, { doctor: () => ({ healthy: false, findings, copies: [] }) });
  await expect.element(page.getByText(why)).toBeVisible();
});

it("of a mail to the owner", async () => {
  const mail = { state: "not_sent", to: "agaren@norrform.se", at: "2026-11-21T09:00:00Z", problem } as const;
  await open("/runs/run-failed", {}, { run_get: () => ({ ...failed, owner_mail: mail }) });
  await expect.element(page.getByText(why)).toBeVisible();
});

it("in the bar above every page", async () => {
  await open("/customers", {}, { standing: () => [problem] });
  await expect.element(page.getByRole("status", { name: "Aktuella problem" }).getByText(why)).toBeVisible();
});

it("of each customer that a run of many passes over", async () => {
  await open("/customers", {}, { plan: () => refuse(problem) });
  await userEvent.click(page.getByRole("checkbox", { name: "Välj Nordanvind Byggkonsult" }));
  await userEvent.click(page.getByRole("toolbar", { name: "Åtgärder för valda kunder" }).getByRole("button", { name: "Provisionera 1" }));
  await expect.element(dialog().getByRole("list").getByText(why)).toBeVisible();
});

it("at a row of a file", async () => {
  const unreadable = { code: "file_unreadable", file: "kunder.csv", why: "unequal lengths" } as const;
  await open("/customers", {}, {
    customers_import: () => ({ rows: [{ line: 2, name: "Åkermark", problems: [unreadable] }], added: 0, refused: 1, dry_run: true }),
  });
  await userEvent.click(page.getByRole("button", { name: "Importera" }));
  await file("kunder.csv", "name,contact_email\nÅkermark,anna@akermark.example\n");
  const row = dialog().getByRole("listitem").filter({ hasText: "Filen gick inte att läsa" });
  await expect.element(row.getByText("unequal lengths", { exact: true })).toBeVisible();
});
