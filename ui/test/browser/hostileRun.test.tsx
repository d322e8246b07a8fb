/** A run's page with names, words and ids that somebody chose to do harm: a customer, a vendor, or whoever answers for one. */

import { describe, expect, it } from "vitest";

import type { Happening, Problem, RunDetail } from "@/backend/bindings";

import { names } from "../records/naughty";
import { running } from "../records/runs";
import { deciding } from "../records/undo";
import { expectHarmless, said, seen } from "./harmless";
import { open } from "./open";

const refused = (text: string): Problem => ({ code: "schema_refused", file: text, provider: "supabase", request_id: text, detail: text });

const question = (text: string): Problem => ({ code: "ambiguous", name: text, candidates: [{ id: text, name: text, url: text }] });

/** What may happen in a step, in whose line of the log this text is. */
const happenings = (text: string): Happening[] => [
  { type: "looking", name: text },
  { type: "creating", name: text },
  { type: "created", id: text, url: text },
  { type: "adopted", id: text, url: text },
  { type: "removing", name: text },
  { type: "removed", name: text, with: text },
  { type: "not_there", name: text },
  { type: "left_over", name: text, problem: refused(text) },
  { type: "detail", detail: "file_applied", subject: text },
  { type: "problem", problem: refused(text) },
  { type: "not_yet", status: text, again_in_ms: 2000 },
];

/** A run with this in each text that comes from elsewhere, and with a problem at a step. */
function saying(text: string, of: RunDetail, problem: { step: string; error: Problem }, state: "failed" | "pending"): RunDetail {
  return {
    ...of,
    run: { ...of.run, operator: text },
    customer: { ...of.customer, name: text },
    steps: of.steps.map((step) => ({ ...step, name: text, ...(step.id === problem.step ? { state, error: problem.error } : {}) })),
    resources: of.resources.map((one) => ({ ...one, id: text, name: text, url: text })),
    events: happenings(text).map((what, place) => ({ run: of.run.id, number: place + 1, at: of.now, step: "project", what })),
    instance_url: text,
  };
}

/** Opens the page of a run whose customer has this name, and sees that it is text. */
async function shown(text: string, detail: RunDetail) {
  await open("/runs/run-c0", {}, { run_get: () => detail });
  await expect.poll(() => said("#root h1")[0]).toBe(seen(text));
  expectHarmless();
}

describe("S6 hostile names, words and ids on a run's page are text", () => {
  it.each(names.map((name) => [JSON.stringify(name), name] as const))("%s", async (_, text) => {
    await shown(text, saying(text, running, { step: "schema", error: refused(text) }, "failed"));
    const log = said("[role=log] > div");
    expect(log).toHaveLength(happenings(text).length);
    for (const line of log) expect(line).toContain(seen(text));
    for (const place of ["[data-step=repo]", "[data-step=schema] [role=alert]", "#root aside"]) {
      expect(said(place).join("\n"), place).toContain(seen(text));
    }
    await shown(text, saying(text, deciding, { step: "project", error: question(text) }, "pending"));
    const candidates = said("[data-candidate]");
    expect(candidates).toHaveLength(1);
    for (const candidate of candidates) expect(candidate).toContain(seen(text));
  });
});
