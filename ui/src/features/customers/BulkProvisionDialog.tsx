/** Provisions many: first each one's plan, so that it is known what runs, what can't and why; then all at once. */

import { useEffect, useState } from "react";

import { usePort } from "@/backend/BackendProvider";
import type { Allowance, CustomerId, CustomerRow, Plan, Problem } from "@/backend/bindings";
import { problemOf } from "@/backend/errors";
import { useCommand } from "@/backend/mutations";
import { isOpen } from "@/backend/runStates";
import { Button } from "@/components/Button";
import { PROVIDER_TITLES } from "@/components/providers";
import { Dialog, DialogBody, DialogFooter } from "@/components/Dialog";
import { OwnWords } from "@/components/OwnWords";
import { StatusShape } from "@/components/StatusShape";
import { useToaster } from "@/components/Toast";
import { ErrorDisplay } from "@/errors/ErrorDisplay";
import { present } from "@/errors/presentation";
import { useI18n } from "@/i18n/I18nProvider";

import { OnFailureChoice, stands, useOnFailure } from "./OnFailureChoice";
import { problemsOf } from "./useProvision";

/** So many of those that can run are named. */
const NAMED = 20;
/** Plans that are asked for at once. */
const AT_ONCE = 4;

/** What stands in a customer's way; nothing where it can run. */
export interface Looked {
  customer: CustomerRow;
  plan?: Plan;
  problems: Problem[];
}

/** What is known without asking: a run that has not ended stands in the way of the next. */
function inTheWay({ last_run: run }: CustomerRow): Problem[] {
  return run !== undefined && isOpen(run.state) ? [{ code: "run_active", run: run.id }] : [];
}

/** Plans for each, a few at a time. */
function useLooked(customers: readonly CustomerRow[]): readonly Looked[] {
  const port = usePort();
  const plan = useCommand("plan");
  const [looked, setLooked] = useState<readonly Looked[]>([]);
  useEffect(() => {
    let gone = false;
    const waiting = [...customers];
    const look = async () => {
      for (let customer = waiting.shift(); customer !== undefined && !gone; customer = waiting.shift()) {
        let seen: Looked;
        try {
          // How it was when it was chosen may be long ago.
          const { row } = await port.call("customer_get", { customer: customer.id });
          seen = { customer: row, problems: inTheWay(row) };
          if (seen.problems.length === 0) {
            const answer = await plan.mutateAsync({ customer: row.id });
            seen = { customer: row, plan: answer, problems: answer.can_run ? [] : problemsOf(answer) };
          }
        } catch (error) {
          seen = { customer, problems: [problemOf(error) ?? { code: "unreachable", host: "Fabrik" }] };
        }
        if (!gone) setLooked((before) => [...before, seen]);
      }
    };
    setLooked([]);
    for (let worker = 0; worker < AT_ONCE; worker += 1) void look();
    return () => {
      gone = true;
    };
    // The dialog is of the customers it opened with.
  }, []);
  return looked;
}

/** How the vendors' limits let the runs go, once it is known which there are. */
function useAllowance(able: readonly CustomerId[], ready: boolean): Allowance | undefined {
  const allowance = useCommand("allowance");
  const { mutate } = allowance;
  useEffect(() => {
    if (ready && able.length > 0) mutate({ customers: [...able] });
    // Asked once: looking ends once.
  }, [ready]);
  return allowance.data ?? undefined;
}

/** Several prices as one line: a sum per currency. */
function useCost(looked: readonly Looked[]): string | undefined {
  const { format } = useI18n();
  const sums = new Map<string, number>();
  for (const { plan } of looked) {
    if (plan?.monthly_price === undefined) continue;
    const { amount, currency } = plan.monthly_price;
    sums.set(currency, (sums.get(currency) ?? 0) + Number(amount));
  }
  return sums.size === 0
    ? undefined
    : format.list([...sums].map(([currency, sum]) => format.money({ amount: sum.toFixed(2), currency })));
}

function CantRun({ title, refused }: { title: string; refused: readonly { name: string; id: CustomerId; problems: readonly Problem[] }[] }) {
  const { language } = useI18n();
  return (
    <section>
      <h3 className="mb-1 font-medium">{title}</h3>
      <ul aria-label={title} className="rounded-control border border-border">
        {refused.map(({ id, name, problems }) => (
          <li key={id} className="grid grid-cols-[14px_minmax(0,2fr)_minmax(0,3fr)] gap-x-2 px-3 py-1.5 not-first:border-t not-first:border-border">
            <StatusShape shape="fail" tone="error" className="mt-[3px] [--hole:var(--raised)]" />
            <span className="truncate font-medium" title={name}>{name}</span>
            <span className="grid gap-0.5 text-text-2">
              {problems.map((problem) => {
                const { title: what, text, words } = present(problem, language);
                return (
                  <span key={JSON.stringify(problem)}>
                    <span className="text-text">{what}</span>
                    <OwnWords words={words} />
                    <span className="block text-caption">{text}</span>
                  </span>
                );
              })}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Whom it is about to run for: the choice may have been made under filters that hide them now. */
function CanRun({ names }: { names: readonly string[] }) {
  const { t, format } = useI18n();
  const more = names.length - NAMED;
  return (
    <section>
      <h3 className="mb-1 font-medium">{t.bulk.can}</h3>
      <ul aria-label={t.bulk.can} className="flex flex-wrap gap-x-4 gap-y-0.5 rounded-control border border-border px-3 py-1.5">
        {names.slice(0, NAMED).map((name, place) => (
          <li key={place} className="max-w-full truncate" title={name}>
            {name}
          </li>
        ))}
        {more > 0 && <li className="text-text-2">{t.bulk.more(format.number(more))}</li>}
      </ul>
    </section>
  );
}

interface BulkProvisionDialogProps {
  customers: readonly CustomerRow[];
  /** The runs have begun. */
  onBegun(): void;
  onClose(): void;
}

export function BulkProvisionDialog({ customers: given, onBegun, onClose }: BulkProvisionDialogProps) {
  const { t, format } = useI18n();
  const toaster = useToaster();
  // Those it opened with: the list's own choice is dropped once the runs have begun.
  const [customers] = useState(given);
  const looked = useLooked(customers);
  const [onFailure] = useOnFailure();
  const provision = useCommand("provision_many");
  const [refused, setRefused] = useState<readonly { name: string; id: CustomerId; problems: readonly Problem[] }[]>();
  const cost = useCost(looked.filter(({ problems }) => problems.length === 0));
  const problem = problemOf(provision.error);

  const ready = looked.length === customers.length;
  const able = looked.filter(({ problems }) => problems.length === 0);
  const unable = looked
    .filter(({ problems }) => problems.length > 0)
    .map(({ customer: { id, name }, problems }) => ({ id, name, problems }));
  const limits = useAllowance(able.map(({ customer }) => customer.id), ready);
  const standing = able.filter(({ customer }) => stands(customer)).length;
  const longest = Math.max(0, ...able.map(({ plan }) => plan?.expected_seconds ?? 0));

  const begin = () =>
    provision.mutate(
      // Taking back is meant for first runs: unsaid, it is what becomes of them, and instances that stand are kept.
      { customers: able.map(({ customer }) => customer.id), on_failure: standing > 0 && onFailure === "rollback" ? null : onFailure },
      {
        onSuccess: (answer) => {
          if (answer.begun.length > 0) toaster.done(({ t, format }) => t.bulk.begun(answer.begun.length, format.number(answer.begun.length)));
          onBegun();
          if (answer.refused.length === 0) {
            onClose();
            return;
          }
          // What didn't begin after all stays to be read.
          setRefused(
            answer.refused.map((one) => ({
              id: one.customer,
              name: customers.find(({ id }) => id === one.customer)?.name ?? one.customer,
              problems: [one.problem],
            })),
          );
        },
      },
    );

  const title = t.bulk.title(customers.length, format.number(customers.length));

  return (
    <Dialog open wide onClose={onClose} title={title} description={t.bulk.text}>
      <DialogBody reading={title}>
        {refused !== undefined ? (
          <CantRun title={t.bulk.refused} refused={refused} />
        ) : (
          <>
            <div role="status" className="grid gap-1">
              {ready ? (
                <>
                  <p className="font-medium">{t.bulk.summary(format.number(able.length), format.number(unable.length), unable.length)}</p>
                  {longest >= 1 && <p className="text-text-2">{t.bulk.time(format.duration(longest))}</p>}
                  {limits !== undefined && (
                    <p className="text-text-2">
                      {t.bulk.limits(PROVIDER_TITLES[limits.provider], format.number(limits.per_hour), format.time(limits.done_at))}
                    </p>
                  )}
                  {standing > 0 && <p className="text-text-2">{t.bulk.standing(standing, format.number(standing))}</p>}
                  {cost !== undefined && <p className="text-text-2">{t.bulk.cost(cost)}</p>}
                </>
              ) : (
                <p className="flex items-center gap-2 text-text-2">
                  <StatusShape shape="setup" tone="info" turning />
                  {t.bulk.looking(format.number(looked.length), format.number(customers.length))}
                </p>
              )}
            </div>
            {ready && able.length > 0 && <CanRun names={able.map(({ customer }) => customer.name)} />}
            {unable.length > 0 && <CantRun title={t.bulk.cant} refused={unable} />}
            {problem !== undefined && <ErrorDisplay problem={problem} compact />}
          </>
        )}
      </DialogBody>
      <DialogFooter>
        {/* Instances that stand are kept whatever is chosen: where there is nobody else, there is nothing to choose. */}
        {refused === undefined && (!ready || standing < able.length) && (
          <span className="mr-auto min-w-0">
            <OnFailureChoice />
          </span>
        )}
        <Button onClick={onClose}>{refused === undefined ? t.common.cancel : t.common.close}</Button>
        {refused === undefined && (
          <Button kind="primary" disabled={!ready || able.length === 0 || provision.isPending} onClick={begin}>
            {t.bulk.provision(format.number(able.length))}
          </Button>
        )}
      </DialogFooter>
    </Dialog>
  );
}
