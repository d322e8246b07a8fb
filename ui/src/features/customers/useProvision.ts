/** Provisioning in one press: plan first, and start where nothing is in the way. */

import { useNavigate } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";

import type { Customer, CustomerId, Plan, Problem } from "@/backend/bindings";
import { problemOf } from "@/backend/errors";
import { useCommand } from "@/backend/mutations";
import { useToaster } from "@/components/Toast";
import type { Messages } from "@/i18n/messages";

import { stands, useOnFailure } from "./OnFailureChoice";

/** Whom a run is for, and what tells whether it would change an instance that stands. */
export type ForWhom = Pick<Customer, "id" | "name" | "status" | "production_url">;

export interface Blocked {
  customer: ForWhom;
  problems: readonly Problem[];
}

/** That it can't be now; of a customer whose run goes on, that it does. */
export function blockedTitle({ customer, problems }: Blocked, t: Messages): string {
  const isGoing = problems.length > 0 && problems.every(({ code }) => code === "run_active");
  return isGoing ? t.blocked.active(customer.name) : t.blocked.title(customer.name);
}

export interface Provisioning {
  /** Whose plan is being made. */
  busy: CustomerId | undefined;
  /** What is in the way, all of it. */
  blocked: Blocked | undefined;
  /** Nothing while a plan is being made: two presses are one run. */
  start(customer: ForWhom): void;
  dismiss(): void;
  /** Whose plan is shown. */
  planned: ForWhom | undefined;
  /** Shows what a run would do, before it is begun; nothing closes it. */
  showPlan(customer: ForWhom | undefined): void;
}

/** Everything that stands in a plan's way, each once. */
export function problemsOf(plan: Plan): Problem[] {
  const all = [...plan.missing, ...plan.steps.flatMap((step) => step.because ?? [])];
  const seen = new Set<string>();
  return all.filter((problem) => {
    const key = JSON.stringify({ ...problem, detail: undefined, request_id: undefined });
    return !seen.has(key) && Boolean(seen.add(key));
  });
}

export function useProvision(): Provisioning {
  const navigate = useNavigate();
  const toaster = useToaster();
  const plan = useCommand("plan");
  const provision = useCommand("provision");
  const [onFailure] = useOnFailure();
  const [busy, setBusy] = useState<CustomerId>();
  // The second press of two may come before the first is drawn.
  const starting = useRef(false);
  const [blocked, setBlocked] = useState<Blocked>();
  // Whether the page is still there.
  const here = useRef(true);
  useEffect(() => {
    here.current = true;
    return () => {
      here.current = false;
    };
  }, []);
  const [planned, showPlan] = useState<ForWhom>();

  // Whoever has gone on to something else is told there.
  const tell = (found: Blocked) => (here.current ? setBlocked(found) : toaster.failed(({ t }) => blockedTitle(found, t)));
  const start = async (customer: ForWhom) => {
    const { id } = customer;
    if (starting.current) return;
    starting.current = true;
    setBusy(id);
    try {
      const planned = await plan.mutateAsync({ customer: id });
      if (!planned.can_run) {
        tell({ customer, problems: problemsOf(planned) });
        return;
      }
      // The choice is one for first runs: nobody was asked about an instance that stands.
      const run = await provision.mutateAsync({ customer: id, on_failure: stands(customer) ? null : onFailure });
      setBlocked(undefined);
      // Not waited for: an open form may keep the page, and the button is free again all the same.
      if (here.current) void navigate({ to: "/runs/$run", params: { run: run.id } });
    } catch (error) {
      const problem = problemOf(error);
      if (problem === undefined) toaster.failed(({ t }) => t.errors.lost);
      else tell({ customer, problems: [problem] });
    } finally {
      starting.current = false;
      setBusy(undefined);
    }
  };

  return {
    busy,
    blocked,
    start: (customer) => void start(customer),
    dismiss: () => setBlocked(undefined),
    planned,
    showPlan,
  };
}
