import { expect, it } from "vitest";
import { page } from "vitest/browser";

import type { Overview, RunDetail } from "@/backend/bindings";

import { failed, running, succeeded } from "../records/runs";
import { later, open } from "./open";

const waiting: RunDetail = { ...running, run: { ...running.run, state: "waiting", reason: "needs_credential" } };

it.each([
  ["has succeeded", succeeded, undefined],
  ["has failed", failed, undefined],
  ["waits", waiting, "1 körning väntar på dig"],
] as const)("a run that %s by its page is not counted as going on beside it", async (_, ended, told) => {
  let detail: RunDetail = running;
  const { port } = await open("/runs/run-c0", {}, { run_get: () => detail });
  const goesOn = page.getByText("1 pågår");
  await expect.element(goesOn).toBeVisible();
  // The answer about all runs is still on its way.
  port.answers.overview = () => later<Overview>().promise;
  detail = ended;
  port.hint("runs", "run-c0");
  await expect.element(goesOn).not.toBeInTheDocument();
  if (told !== undefined) await expect.element(page.getByText(told)).toBeInTheDocument();
});

it("the rest of the counts is asked for when a run ends, before lists are", async () => {
  let detail: RunDetail = running;
  const { port } = await open("/runs/run-c0", {}, { run_get: () => detail });
  await expect.element(page.getByText("1 pågår")).toBeVisible();
  const asked = port.callsOf("overview").length;
  detail = succeeded;
  port.hint("runs", "run-c0");
  await expect.poll(() => port.callsOf("overview").length, { timeout: 900 }).toBeGreaterThan(asked);
});
