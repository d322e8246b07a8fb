import { expect, it } from "vitest";

import type { ActiveRun, RunState } from "@/backend/bindings";
import { createI18n } from "@/i18n/I18nProvider";
import { addressOf, type Ended, stoppedSince, wordsOf, worstOf } from "@/shell/endedRuns";

const active = (run: string, state: RunState): ActiveRun => ({ run, customer: "c", customer_name: "Åkermark", state });
const ended = (id: string, state: RunState, more: Partial<Ended["run"]> = {}): Ended => ({
  id,
  customer: "Åkermark",
  run: { number: 7, state, purpose: "provision", ...more },
});

it("a run has stopped where it is under way no more, or waits since", () => {
  const before = new Map<string, RunState>([["gone", "running"], ["waits", "running"], ["waited", "waiting"], ["goes", "queued"]]);
  const now = [active("waits", "waiting"), active("waited", "waiting"), active("goes", "running"), active("new", "waiting")];
  expect(stoppedSince(before, now)).toEqual(["gone", "waits"]);
});

it("what went wrong counts before what went well", () => {
  expect(worstOf([ended("a", "succeeded")])).toBe("done");
  expect(worstOf([ended("a", "succeeded"), ended("b", "cancelled")])).toBe("waits");
  expect(worstOf([ended("a", "succeeded"), ended("b", "waiting")])).toBe("needs");
  expect(worstOf([ended("a", "waiting"), ended("b", "rolled_back", { error: { code: "disk_full" } })])).toBe("error");
});

it("one is told by its name, many by their number, in the words of each", () => {
  const removed = ended("c", "succeeded", { purpose: "deprovision" });
  expect(wordsOf([removed], createI18n("sv"))).toEqual({ title: "Åkermark", text: "Körning 7: borttagen" });
  expect(wordsOf([ended("a", "succeeded"), ended("b", "succeeded"), removed], createI18n("sv"))).toEqual({
    title: "Nytt om 3 körningar",
    text: "Klar: 2; Borttagen: 1",
  });
});

it("a click leads to one run's page, to the list of many, and to the workspaces where the run is of another", () => {
  const [one, other] = [ended("a", "failed"), { ...ended("b", "failed"), workspace: "acme" }];
  expect([[one], [one, other], [other]].map(addressOf)).toEqual(["/runs/a", "/runs", "/settings/workspaces"]);
});
