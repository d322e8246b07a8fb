/** What a run would do, before anything is made: each step, what it needs of the vendors, its time and price. */

import { useNavigate } from "@tanstack/react-router";
import { useRef, useState } from "react";

import type { Action, OnFailure, Plan, PlannedStep, Provider } from "@/backend/bindings";
import { problemOf } from "@/backend/errors";
import { useCommand } from "@/backend/mutations";
import { useCredentials, usePlan } from "@/backend/queries";
import { Button } from "@/components/Button";
import { Dialog, DialogBody, DialogFooter } from "@/components/Dialog";
import { FabrikGlyph, ProviderGlyph } from "@/components/glyphs";
import { Chip, Skeleton, Waiting } from "@/components/layout";
import { OwnWords } from "@/components/OwnWords";
import { PROVIDER_TITLES } from "@/components/providers";
import { credentialLook, credentialWord, type Look, Status } from "@/components/states";
import { ErrorDisplay } from "@/errors/ErrorDisplay";
import { Loaded } from "@/errors/Loaded";
import { present } from "@/errors/presentation";
import { useI18n } from "@/i18n/I18nProvider";

import { OnFailureChoice, stands, useOnFailure } from "./OnFailureChoice";
import { problemsOf, type Provisioning } from "./useProvision";

const LOOKS: Record<Action, Look> = {
  create: { shape: "new", tone: "info" },
  adopt: { shape: "done", tone: "ok" },
  skip: { shape: "skip", tone: "idle" },
  conflict: { shape: "fail", tone: "error" },
  blocked: { shape: "needs", tone: "warn" },
};
const ACTIONS = Object.keys(LOOKS) as Action[];

/** A vendor's steps, in the blueprint's order; no vendor for Fabrik's own, which come last. */
export function lanesOf(steps: readonly PlannedStep[]): { provider: Provider | undefined; steps: PlannedStep[] }[] {
  const lanes = new Map<Provider | undefined, PlannedStep[]>();
  for (const step of steps) lanes.set(step.provider, [...(lanes.get(step.provider) ?? []), step]);
  return [...lanes]
    .map(([provider, own]) => ({ provider, steps: own }))
    .sort((one, other) => Number(one.provider === undefined) - Number(other.provider === undefined));
}

/** The figures one decides by: how much is made, how long it takes, what it costs, how the vendors' limits let it go. */
function Sums({ plan }: { plan: Plan }) {
  const { t, format } = useI18n();
  const { limits, monthly_price: price, price_before: before } = plan;
  const listed = price && t.plan.listPrice(format.date(price.as_of));
  const note = before === undefined ? listed : [t.plan.priceBefore(format.money(before)), listed].join(", ");
  // Of steps without anything to make no time is known, nor needed.
  const isMade = plan.steps.some(({ action }) => action !== "adopt" && action !== "skip");
  const counted = ACTIONS.map((action) => ({ action, count: plan.steps.filter((step) => step.action === action).length }));
  const figure = (label: string, value: string, note?: string) => (
    <div className="min-w-0 px-3 py-2 not-first:border-l not-first:border-border">
      <dt className="text-caption text-text-3">{label}</dt>
      <dd className="font-medium">{value}</dd>
      {note !== undefined && <dd className="text-caption text-text-3">{note}</dd>}
    </div>
  );
  return (
    <section aria-label={t.plan.sums} className="rounded-control border border-border">
      <dl className="grid auto-cols-fr grid-flow-col">
        {isMade ? plan.expected_seconds >= 1 && figure(t.plan.time, format.duration(plan.expected_seconds)) : figure(t.plan.steps, t.plan.nothing)}
        {price === undefined
          ? figure(t.plan.cost, t.plan.noPrice)
          : figure(t.plan.cost, format.money(price), note)}
      </dl>
      <p className="flex flex-wrap gap-x-4 gap-y-1 border-t border-border px-3 py-2 [--hole:var(--raised)]">
        {counted
          .filter(({ count }) => count > 0)
          .map(({ action, count }) => (
            <Status key={action} look={LOOKS[action]} word={t.plan.counts[action](count)} />
          ))}
      </p>
      {limits !== undefined && (
        <p className="border-t border-border px-3 py-2 text-text-2">
          {t.bulk.limits(PROVIDER_TITLES[limits.provider], format.number(limits.per_hour), format.time(limits.done_at))}
        </p>
      )}
    </section>
  );
}

function StepLine({ step, missing }: { step: PlannedStep; missing: ReadonlySet<string> }) {
  const { t, format, language } = useI18n();
  // What stands in several steps' way is told once, above.
  const because = step.because !== undefined && !missing.has(step.because.code) ? present(step.because, language) : undefined;
  // Their names together are cut to nothing; how many there are says more.
  const variables = step.kind === "vercel-environment" ? step.name?.split(",").length : undefined;
  return (
    <li data-planned={step.id} data-action={step.action} className="grid grid-cols-[minmax(152px,1fr)_minmax(0,1fr)_116px_40px] items-center gap-x-3 py-1">
      <span className={step.action === "skip" ? "truncate text-text-2" : "truncate font-medium"}>{t.step[step.kind]}</span>
      <span className={variables === undefined ? "mono truncate text-text-2" : "truncate text-text-2"} title={step.name}>
        {variables === undefined ? step.name : t.run.variables(variables)}
      </span>
      <Status look={LOOKS[step.action]} word={t.plan.actions[step.action]} className="justify-self-start [--hole:var(--raised)]" />
      <span className="text-right text-caption text-text-3 tabular-nums">
        {step.action !== "adopt" && step.action !== "skip" && format.duration(Math.max(1, step.expected_seconds))}
      </span>
      {because !== undefined && (
        <span className="col-span-full text-caption text-text-2">
          {because.title}. {because.text}
          <OwnWords words={because.words} />
        </span>
      )}
    </li>
  );
}

function Steps({ plan }: { plan: Plan }) {
  const { t } = useI18n();
  const missing = new Set(plan.missing.map(({ code }) => code));
  return (
    <section>
      <h3 className="mb-1 font-medium">{t.plan.steps}</h3>
      <ol aria-label={t.plan.steps} className="rounded-control border border-border">
        {lanesOf(plan.steps).map(({ provider, steps }) => (
          <li key={provider ?? "fabrik"} className="grid grid-cols-[96px_minmax(0,1fr)] px-3 py-1 not-first:border-t not-first:border-border">
            <span className="flex h-7 items-center gap-2 text-text-2">
              {provider === undefined ? <FabrikGlyph small /> : <ProviderGlyph provider={provider} small />}
              {provider === undefined ? t.frame.product : PROVIDER_TITLES[provider]}
            </span>
            <ol>
              {steps.map((step) => (
                <StepLine key={step.id} step={step} missing={missing} />
              ))}
            </ol>
          </li>
        ))}
      </ol>
    </section>
  );
}

/** The credentials that the plan's steps use, with the scopes that each needs. */
function Needs({ plan }: { plan: Plan }) {
  const { t } = useI18n();
  const { data: page } = useCredentials();
  const vendors = new Set(plan.steps.map(({ provider }) => provider));
  const needed = page?.credentials.filter(({ provider }) => vendors.has(provider)) ?? [];
  if (needed.length === 0) return null;
  return (
    <section>
      <h3 className="mb-1 font-medium">{t.plan.needs}</h3>
      <ul aria-label={t.plan.needs} className="rounded-control border border-border">
        {needed.map(({ provider, state, needed_scopes, needed: isNeeded }) => (
          <li key={provider} className="flex flex-wrap items-center gap-x-3 gap-y-1 px-3 py-1.5 not-first:border-t not-first:border-border">
            <span className="flex w-25 flex-none items-center gap-2 text-text-2">
              <ProviderGlyph provider={provider} small />
              {PROVIDER_TITLES[provider]}
            </span>
            <Status
              look={credentialLook({ state, needed: isNeeded })}
              word={credentialWord({ state, needed: isNeeded }, t)}
              className="[--hole:var(--raised)]"
            />
            <span className="ml-auto flex flex-wrap justify-end gap-1">
              {needed_scopes.map((scope) => (
                <Chip key={scope} mono>
                  {scope}
                </Chip>
              ))}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function PlanSkeleton() {
  const { t } = useI18n();
  return (
    <Waiting label={t.plan.asking} className="grid gap-4 py-1">
      <p className="text-text-2">{t.plan.asking}</p>
      <Skeleton className="h-16 rounded-control" />
      {Array.from({ length: 8 }, (_, line) => (
        <Skeleton key={line} className="w-4/5" />
      ))}
    </Waiting>
  );
}

function Body({ plan }: { plan: Plan }) {
  const { t } = useI18n();
  const problems = problemsOf(plan);
  return (
    <>
      {problems.length > 0 && (
        <section>
          <h3 className="mb-1 font-medium">{t.plan.inTheWay}</h3>
          <ul aria-label={t.plan.inTheWay} className="grid gap-2">
            {problems.map((problem) => (
              <li key={JSON.stringify(problem)}>
                <ErrorDisplay problem={problem} compact quiet />
              </li>
            ))}
          </ul>
        </section>
      )}
      <Sums plan={plan} />
      <Steps plan={plan} />
      <Needs plan={plan} />
    </>
  );
}

function OpenPlan({ customer, onClose }: { customer: NonNullable<Provisioning["planned"]>; onClose(): void }) {
  const { t } = useI18n();
  const navigate = useNavigate();
  const query = usePlan(customer.id);
  const provision = useCommand("provision");
  // What was chosen for first runs says nothing of an instance that stands: that is asked for anew each time.
  const standing = stands(customer);
  const [ofFirst] = useOnFailure();
  const [ofStanding, setOfStanding] = useState<OnFailure>("keep");
  const first = useRef<HTMLButtonElement>(null);
  const refusal = problemOf(provision.error);
  const blocked = query.data !== undefined && !query.data.can_run;
  const perform = () =>
    provision.mutate(
      { customer: customer.id, on_failure: standing ? ofStanding : ofFirst },
      { onSuccess: (run) => void navigate({ to: "/runs/$run", params: { run: run.id } }) },
    );
  return (
    <Dialog open wide onClose={onClose} initialFocus={first} title={t.plan.title(customer.name)} description={t.plan.text}>
      <DialogBody reading={t.plan.title(customer.name)}>
        {refusal !== undefined && <ErrorDisplay problem={refusal} compact />}
        <Loaded query={query} skeleton={<PlanSkeleton />}>
          {(plan) => <Body plan={plan} />}
        </Loaded>
      </DialogBody>
      <DialogFooter>
        <div className="mr-auto min-w-0">
          <OnFailureChoice own={standing ? [ofStanding, setOfStanding] : undefined} />
          {standing && <p className="px-2 text-caption text-text-3">{t.onFailure.standing}</p>}
        </div>
        <Button ref={first} onClick={onClose}>
          {t.common.close}
        </Button>
        {blocked ? (
          <Button kind="primary" disabled={query.isFetching} onClick={() => void query.refetch()}>
            {query.isFetching ? t.customers.provisioning : t.blocked.check}
          </Button>
        ) : (
          <Button kind="primary" disabled={query.data === undefined || provision.isPending} onClick={perform}>
            {provision.isPending ? t.customers.provisioning : t.customers.provision}
          </Button>
        )}
      </DialogFooter>
    </Dialog>
  );
}

export function PlanDialog({ provisioning }: { provisioning: Provisioning }) {
  const { planned, showPlan } = provisioning;
  return planned === undefined ? null : <OpenPlan customer={planned} onClose={() => showPlan(undefined)} />;
}
