/** Removes a customer's instance: first what would go and what would stay, then the subdomain, typed. */

import { useNavigate } from "@tanstack/react-router";
import { useRef, useState } from "react";

import type { Customer, PlannedRemoval, RemovalPlan } from "@/backend/bindings";
import { problemOf } from "@/backend/errors";
import { useCommand } from "@/backend/mutations";
import { useRemovalPlan } from "@/backend/queries";
import { Button } from "@/components/Button";
import { Dialog, DialogBody, DialogFooter, DialogForm } from "@/components/Dialog";
import { Field, Input } from "@/components/Field";
import { ProviderGlyph } from "@/components/glyphs";
import { Skeleton, Waiting } from "@/components/layout";
import { ErrorDisplay } from "@/errors/ErrorDisplay";
import { Loaded } from "@/errors/Loaded";
import { useI18n } from "@/i18n/I18nProvider";

import { StayingItem } from "./Staying";
import { isTyped } from "./typed";

/** What goes by a call of its own, with what lies in it. */
interface Going {
  one: PlannedRemoval;
  within: PlannedRemoval[];
}

/** In the order in which it goes; what is covered stands under what covers it. */
export function goingOf(plan: RemovalPlan): Going[] {
  const going: Going[] = plan.resources.filter(({ fate }) => fate === "removed").map((one) => ({ one, within: [] }));
  for (const covered of plan.resources) {
    if (covered.fate !== "covered") continue;
    const over = going.find(({ one }) => one.resource.provider === covered.resource.provider && one.resource.name === covered.by);
    // Where what covers it is not told, it has a line of its own.
    if (over === undefined) going.push({ one: covered, within: [] });
    else over.within.push(covered);
  }
  return going;
}

function Goes({ plan }: { plan: RemovalPlan }) {
  const { t, format } = useI18n();
  return (
    <section>
      <h3 className="mb-1 font-medium">{t.removal.goes}</h3>
      <ol aria-label={t.removal.goes} className="rounded-control border border-border">
        {goingOf(plan).map(({ one: { resource }, within }, place) => (
          <li
            key={resource.key}
            className="grid grid-cols-[20px_16px_minmax(0,1fr)_minmax(0,1fr)] items-baseline gap-x-2 px-3 py-1.5 not-first:border-t not-first:border-border"
          >
            <span className="text-right text-caption text-text-3 tabular-nums">{place + 1}</span>
            <ProviderGlyph provider={resource.provider} small className="self-center text-text-3" />
            <span className="truncate">{t.resource[resource.kind]}</span>
            <span className="mono truncate text-right text-text-2" title={resource.name}>
              {resource.name}
            </span>
            {within.length > 0 && (
              <span className="col-span-2 col-start-3 text-caption text-text-3">
                {t.removal.takes(format.list(within.map(({ resource: lying }) => t.resource[lying.kind].toLowerCase())))}
              </span>
            )}
          </li>
        ))}
      </ol>
    </section>
  );
}

function Stays({ plan }: { plan: RemovalPlan }) {
  const { t } = useI18n();
  const lines = [
    ...plan.resources
      .filter(({ fate }) => fate === "adopted" || fate === "sent" || fate === "stays")
      .map(({ resource, fate }) => ({
        key: resource.key,
        what: t.resource[resource.kind],
        name: resource.name,
        why: fate === "sent" ? t.removal.sent : fate === "stays" ? t.removal.inPlace : t.removal.adopted,
      })),
    ...plan.shared.map((name) => ({ key: name, what: t.removal.sharedOne, name, why: t.removal.shared })),
  ];
  if (lines.length === 0) return null;
  return (
    <section>
      <h3 className="mb-1 font-medium">{t.removal.stays}</h3>
      <ul aria-label={t.removal.stays} className="rounded-control border border-border">
        {lines.map(({ key, ...staying }) => (
          <StayingItem key={key} {...staying} />
        ))}
      </ul>
    </section>
  );
}

function PlanSkeleton() {
  return (
    <Waiting className="grid gap-4 py-2">
      {Array.from({ length: 4 }, (_, line) => (
        <Skeleton key={line} className="w-4/5" />
      ))}
    </Waiting>
  );
}

export function RemoveInstanceDialog({ customer, onClose }: { customer: Customer; onClose(): void }) {
  const { t } = useI18n();
  const navigate = useNavigate();
  const query = useRemovalPlan(customer.id);
  const remove = useCommand("deprovision");
  const [typed, setTyped] = useState("");
  const cancel = useRef<HTMLButtonElement>(null);
  const problem = problemOf(remove.error);
  const matches = isTyped(customer, typed);
  const ready = query.data !== undefined && goingOf(query.data).length > 0;
  const perform = () =>
    remove.mutate(
      { customer: customer.id, confirm: typed },
      { onSuccess: (run) => void navigate({ to: "/runs/$run", params: { run: run.id } }) },
    );
  return (
    <Dialog
      open
      onClose={onClose}
      initialFocus={cancel}
      title={t.removal.title(customer.name)}
      description={t.removal.text}
    >
      {/* Enter alone never fires: only a press on the button does. */}
      <DialogForm onSubmit={(event) => event.preventDefault()}>
        <DialogBody>
          <Loaded query={query} skeleton={<PlanSkeleton />}>
            {(plan) => (
              <>
                {ready ? <Goes plan={plan} /> : <p className="text-text-2">{t.removal.nothing}</p>}
                <Stays plan={plan} />
              </>
            )}
          </Loaded>
          {problem !== undefined && <ErrorDisplay problem={problem} compact />}
        </DialogBody>
        {/* In view, however long the plan is. */}
        {ready && (
          <div className="flex-none border-t border-border px-5 pt-3 pb-4">
            <Field label={t.removeCustomer.confirm(customer.subdomain, customer.name)}>
              {(tied) => <Input {...tied} value={typed} onChange={(event) => setTyped(event.target.value)} />}
            </Field>
          </div>
        )}
        <DialogFooter>
          <Button ref={cancel} onClick={onClose}>
            {t.common.cancel}
          </Button>
          <Button kind="danger" disabled={!ready || !matches || remove.isPending} onClick={perform}>
            {t.removal.submit}
          </Button>
        </DialogFooter>
      </DialogForm>
    </Dialog>
  );
}
