/** The inbox with names and messages that somebody chose to do harm: whoever asks is a stranger. */

import { describe, expect, it } from "vitest";

import type { OnboardingRequest } from "@/backend/bindings";

import { names } from "../records/naughty";
import { requests } from "../records/requests";
import { expectHarmless, said, seen } from "./harmless";
import { open } from "./open";

/** One that is open and one that was rejected, with this in each text that comes from elsewhere. */
function inbox(text: string): OnboardingRequest[] {
  const given: OnboardingRequest[] = [
    { ...requests[0]!, problem: { code: "price_unknown", price: text, detail: text } },
    { ...requests[3]!, decided: { ...requests[3]!.decided!, by: text, reason: text } },
  ];
  return given.map((one) => ({
    ...one,
    name: text,
    contact_name: text,
    contact_email: text,
    plan: text,
    modules: [text],
    message: text,
    origin: { from: "stripe", subscription: text, customer: text, price: text, beside: false },
  }));
}

describe("S6 hostile names and messages among the requests are text", () => {
  it.each(names.map((name) => [JSON.stringify(name), name] as const))("%s", async (_, text) => {
    const all = inbox(text);
    for (const chosen of all) {
      await open(`/requests?request=${chosen.id}`, {}, {
        requests_list: () => ({ requests: all, total: all.length, counts: [] }),
        request_get: ({ request }) => all.find(({ id }) => id === request)!,
      });
      await expect.poll(() => said("#root h2")).toContain(seen(text));
      expect(said("#root dd"), "the message").toContain(seen(text));
      await expect.poll(() => said("[data-request]")).toHaveLength(all.length);
      for (const row of said("[data-request]")) expect(row).toContain(seen(text));
      expectHarmless();
    }
  });
});
