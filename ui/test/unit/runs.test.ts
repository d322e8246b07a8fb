/** What the list of runs asks for, and what is handed over when a run is done. */

import { describe, expect, it } from "vitest";

import { handoverOf } from "@/features/provisioning/handover";
import { countOf, GROUP_NAMES, GROUPS, readRunSearch, runQueryOf, RUNS_PER_PAGE } from "@/features/provisioning/runSearch";
import { createI18n } from "@/i18n/I18nProvider";
import { enStates } from "@/i18n/states.en";

import { succeeded } from "../records/runs";

describe("the list of runs", () => {
  it("has every state in one tab", () => {
    const grouped = GROUP_NAMES.flatMap((group) => [...GROUPS[group]]);
    expect([...grouped].sort()).toEqual(Object.keys(enStates.runState).sort());
  });

  it("reads its address, and leaves out what can't be", () => {
    expect(readRunSearch({ q: "måsen", group: "failed", page: 3 })).toEqual({ q: "måsen", group: "failed", page: 3 });
    for (const page of [0, 1, -2, 1.5, "2", Number.NaN]) expect(readRunSearch({ q: "", group: "all", page })).toEqual({});
  });

  it("asks for one page of the group's states", () => {
    expect(runQueryOf({ group: "undone", page: 3 })).toEqual({
      search: undefined,
      states: ["rolled_back", "cancelled"],
      limit: RUNS_PER_PAGE,
      offset: 2 * RUNS_PER_PAGE,
    });
    expect(runQueryOf({ q: "x" })).toMatchObject({ search: "x", states: [], offset: 0 });
  });

  it("counts a tab's states, and all of them", () => {
    const counts = [{ state: "waiting" as const, count: 2 }, { state: "leftovers" as const, count: 1 }, { state: "failed" as const, count: 4 }];
    expect([countOf(counts), countOf(counts, "needs"), countOf(counts, "failed"), countOf(counts, "done")]).toEqual([7, 3, 4, 0]);
  });
});

describe("the handover", () => {
  const records = [{ kind: "CNAME", name: "www.akermark.example", value: "cname.vercel-dns.com" }];
  const domain = { id: "domain", kind: "custom-domain" as const, state: "deferred" as const, attempts: 1, needs: [], usual_seconds: 1, name: "www.akermark.example", error: { code: "domain_pending" as const, domain: "www.akermark.example", records } };
  const done = { ...succeeded, steps: [...succeeded.steps, domain] };

  it("tells where everything is, with its page, and which records are wanted", () => {
    const lines = handoverOf(done, createI18n("sv")).split("\n");
    expect(lines[0]).toBe("Överlämning: Åkermark Juristbyrå");
    expect(lines[1]).toMatch(/^Körning 214, klar 2026-11-21 \d\d:\d\d\. Mall factory, plan starter\.$/);
    expect(lines).toContain("Produktion: https://akermark.norrform.example");
    expect(lines).toContain("Projektreferens: qhzvknwtyblramxesdup");
    expect(lines).toContain("Privat GitHub-repo: norrform/client-akermark, https://example.com/");
    expect(lines.slice(-2)).toEqual(["DNS-poster att lägga in:", "www.akermark.example CNAME cname.vercel-dns.com"]);
  });

  it("is told in English too, and says nothing of records where none is wanted", () => {
    const text = handoverOf(succeeded, createI18n("en"));
    expect(text).toMatch(/^Handover: Åkermark Juristbyrå\nRun 214, done 21 Nov 2026/);
    expect(text).not.toContain("DNS");
    expect(text).not.toMatch(/undefined|\bPrivat\b/);
  });
});
