/** The names that a request's customer would have at every vendor, and what provisioning would take: by the vendors' own word. */

import type { Action, Plan, PlannedStep } from "@/backend/bindings";
import { FabrikGlyph, ProviderGlyph, StepGlyph } from "@/components/glyphs";
import { Skeleton, Waiting } from "@/components/layout";
import { PROVIDER_TITLES } from "@/components/providers";
import { type Look, Status } from "@/components/states";
import { MAKES } from "@/components/steps";
import { ErrorDisplay } from "@/errors/ErrorDisplay";
import { useI18n } from "@/i18n/I18nProvider";
import type { Messages } from "@/i18n/messages";

const LOOKS: Record<Action, Look> = {
  create: { shape: "done", tone: "ok" },
  adopt: { shape: "done", tone: "ok" },
  skip: { shape: "skip", tone: "idle" },
  conflict: { shape: "fail", tone: "error" },
  blocked: { shape: "needs", tone: "warn" },
};

/** The names worth reading: those that must be free, and whatever stands in the way. */
export function namesOf(plan: Plan): PlannedStep[] {
  return plan.steps.filter((step) => step.name !== undefined && (MAKES[step.kind]?.isNamed === true || step.action === "conflict"));
}

const wordOf = (action: Action, t: Messages) =>
  ({ create: t.requests.free, adopt: t.requests.there, skip: t.requests.shared, conflict: t.requests.taken, blocked: t.requests.blocked })[action];

export function VendorNames({ plan }: { plan: Plan | undefined }) {
  const { t } = useI18n();
  if (plan === undefined) {
    return (
      <Waiting label={t.requests.asking} className="grid gap-3 rounded-card border border-border p-3">
        <p className="text-text-2">{t.requests.asking}</p>
        <Skeleton className="w-4/5" />
        <Skeleton className="w-3/5" />
      </Waiting>
    );
  }
  return (
    <>
      <ul aria-label={t.requests.atVendors} className="rounded-card border border-border">
        {namesOf(plan).map((step) => (
          <li key={step.id} data-action={step.action} className="grid min-h-9 grid-cols-[104px_minmax(0,1fr)_auto] items-center gap-3 px-3 not-first:border-t not-first:border-border">
            <span className="flex items-center gap-2 text-text-2">
              {step.provider === undefined ? <FabrikGlyph small /> : <ProviderGlyph provider={step.provider} small />}
              {step.provider === undefined ? t.frame.product : PROVIDER_TITLES[step.provider]}
            </span>
            <span className="mono truncate" title={step.name}>
              {step.name}
            </span>
            <Status look={LOOKS[step.action]} word={wordOf(step.action, t)} />
          </li>
        ))}
      </ul>
      {plan.missing.length > 0 && (
        <ul aria-label={t.requests.inTheWay} className="grid gap-2">
          {plan.missing.map((problem) => (
            <li key={JSON.stringify(problem)}>
              <ErrorDisplay problem={problem} compact quiet />
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

/** What provisioning costs and does. */
export function PlanRail({ plan }: { plan: Plan | undefined }) {
  const { t, format } = useI18n();
  if (plan === undefined) return null;
  const price = plan.monthly_price;
  return (
    <div className="grid content-start gap-5">
      {price !== undefined && (
        <section>
          <h3 className="mb-1 font-medium">{t.requests.cost}</h3>
          <p className="flex items-baseline justify-between gap-3">
            <span className="text-text-2">{t.requests.perMonth}</span>
            <span className="font-medium tabular-nums">{format.money(price)}</span>
          </p>
          <p className="text-caption text-text-3">{t.requests.listPrice(format.date(price.as_of))}</p>
        </section>
      )}
      <section>
        <h3 className="mb-1 font-medium">{t.requests.steps}</h3>
        <p className="mb-1 text-caption text-text-3">{t.requests.stepsSum(plan.steps.length, format.duration(plan.expected_seconds))}</p>
        <ol aria-label={t.requests.steps} className="grid gap-1">
          {plan.steps.map((step, place) => (
            <li key={step.id} className="grid grid-cols-[20px_auto_minmax(0,1fr)_auto] items-baseline gap-2">
              <span className="text-text-3 tabular-nums">{place + 1}</span>
              <StepGlyph provider={step.provider} />
              <span className="truncate text-text-2">{t.step[step.kind]}</span>
              <span className="text-caption text-text-3 tabular-nums">{format.duration(Math.max(1, step.expected_seconds))}</span>
            </li>
          ))}
        </ol>
      </section>
    </div>
  );
}
