/** What somebody asks for, and how it was decided. */

import { Link } from "@tanstack/react-router";
import { Fragment, type ReactNode } from "react";

import type { OnboardingRequest } from "@/backend/bindings";
import { unreadLanguage } from "@/backend/unreadLanguage";
import { useNow } from "@/components/useNow";
import { ErrorDisplay } from "@/errors/ErrorDisplay";
import { useI18n } from "@/i18n/I18nProvider";

import { useAsked } from "./useAsked";

const MINUTE_MS = 60_000;

/** Who it is, and where the request comes from. */
export function RequestTitle({ request }: { request: OnboardingRequest }) {
  const { t, format } = useI18n();
  const now = useNow(MINUTE_MS);
  const { origin } = request;
  const from = origin.from === "hand" ? t.requests.enteredBy(origin.operator) : origin.from === "stripe" ? t.requests.throughStripe : t.requests.fromTable;
  return (
    <div>
      <h2 className="text-heading font-semibold">{request.name}</h2>
      <p className="text-text-3">
        {t.requests.cameIn(format.moment(request.created_at, now))}, {from}
      </p>
    </div>
  );
}

export function RequestFacts({ request }: { request: OnboardingRequest }) {
  const { t } = useI18n();
  const asked = useAsked();
  const { origin } = request;
  const rows: [string, ReactNode][] = [
    [t.requests.administrator, [request.contact_name, request.contact_email].filter(Boolean).join(", ")],
  ];
  if (request.kind === "onboarding") {
    rows.push(
      [t.requests.blueprint, asked(request)],
      [t.requests.modules, request.modules.length === 0 ? t.common.none : request.modules.map((module) => t.modules[module] ?? module).join(", ")],
      [t.requests.language, unreadLanguage(request) === undefined ? t.settings.languages[request.language] : t.requests.notChosen],
    );
  }
  if (origin.from === "stripe") {
    rows.push([t.requests.subscription, <span key="id" className="mono">{origin.subscription}</span>]);
    if (origin.price !== undefined) rows.push([t.requests.price, <span key="id" className="mono">{origin.price}</span>]);
  }
  if (origin.from === "source") rows.push([t.requests.row, <span key="id" className="mono">{`${origin.table} ${origin.row}`}</span>]);
  if (request.message !== undefined) {
    rows.push([t.requests.message, <span key="text" className="whitespace-pre-line">{request.message}</span>]);
  }
  return (
    <dl className="grid grid-cols-[128px_minmax(0,1fr)] gap-x-4 gap-y-1.5">
      {rows.map(([label, value]) => (
        <Fragment key={label}>
          <dt className="text-text-2">{label}</dt>
          <dd className="min-w-0 break-words">{value}</dd>
        </Fragment>
      ))}
    </dl>
  );
}

/** How it was decided, and what came of it. */
export function RequestOutcome({ request }: { request: OnboardingRequest }) {
  const { t, format } = useI18n();
  const now = useNow(MINUTE_MS);
  const { decided, state, origin } = request;
  if (state === "open") return null;
  const outcome = ({ by, at }: { by: string; at: string }) => {
    const when = format.moment(at, now);
    if (state === "withdrawn" && origin.from === "source") return t.requests.decidedThere(when);
    // People are `name@machine`.
    if (state === "approved" && by === "Stripe") return t.requests.wasCustomer(when);
    return t.requests.decided[state](by, when);
  };
  return (
    <section className="grid justify-items-start gap-2 rounded-control border border-border px-3 py-2">
      {decided !== undefined && <p>{outcome(decided)}</p>}
      {decided?.reason !== undefined && <p className="text-text-2">{decided.reason}</p>}
      {decided?.ending !== undefined && <p className="text-text-2">{t.requests.endings[decided.ending]}</p>}
      {request.problem !== undefined && <ErrorDisplay problem={request.problem} compact quiet />}
      {request.customer !== undefined && (
        <Link to="/customers/$customer" params={{ customer: request.customer }} className="inline-flex min-h-6 items-center rounded-chip font-medium text-accent hover:underline">
          {t.requests.toCustomer}
        </Link>
      )}
    </section>
  );
}
