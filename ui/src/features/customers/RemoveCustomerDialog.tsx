/** Removes a customer's record, once its subdomain or its name is typed. One with an instance keeps it: first the instance goes. */

import { useNavigate } from "@tanstack/react-router";
import { useRef, useState } from "react";

import type { Customer, Resource } from "@/backend/bindings";
import { problemOf } from "@/backend/errors";
import { useCommand } from "@/backend/mutations";
import { useSource } from "@/backend/queries";
import { Button } from "@/components/Button";
import { Dialog, DialogBody, DialogFooter, DialogForm } from "@/components/Dialog";
import { Field, Input } from "@/components/Field";
import { useToaster } from "@/components/Toast";
import { ErrorDisplay } from "@/errors/ErrorDisplay";
import { useI18n } from "@/i18n/I18nProvider";

import { lastListSearch } from "./listSearch";
import { type Staying, StayingItem } from "./Staying";
import { isTyped } from "./typed";

/** What the record knows at the vendors and no removal touches: what was there before, was let be, or was entered. */
function useStaying(customer: Customer, resources: readonly Resource[]): Staying[] {
  const { t } = useI18n();
  const known = resources.filter(({ state, origin, kind }) => kind !== "mail" && ((state === "live" && origin === "adopted") || state === "let_go"));
  const entered = [
    { what: t.editInstance.productionUrl, name: customer.production_url },
    { what: t.editInstance.repoUrl, name: customer.github_repo_url },
    { what: t.editInstance.projectRef, name: customer.supabase_project_ref },
  ];
  return [
    ...known.map(({ key, kind, name, state }) => ({
      key,
      what: t.resource[kind],
      name,
      why: state === "let_go" ? t.removeCustomer.letGo : t.removal.adopted,
    })),
    ...entered.flatMap(({ what, name }) =>
      // A resource of its own tells more.
      name === undefined || known.some(({ id, url }) => id === name || url === name)
        ? []
        : [{ key: what, what, name, why: t.removeCustomer.entered }],
    ),
  ];
}

function Fates({ customer, resources }: { customer: Customer; resources: readonly Resource[] }) {
  const { t } = useI18n();
  const staying = useStaying(customer, resources);
  const table = useSource().data?.connected?.mapping.table;
  const going = t.removeCustomer.going;
  return (
    <>
      <section>
        <h3 className="mb-1 font-medium">{t.removeCustomer.goes}</h3>
        <ul aria-label={t.removeCustomer.goes} className="rounded-control border border-border">
          {going.map((what) => (
            <li key={what} className="px-3 py-1.5 not-first:border-t not-first:border-border">
              {what}
            </li>
          ))}
        </ul>
      </section>
      <section>
        <h3 className="mb-1 font-medium">{t.removal.stays}</h3>
        <ul aria-label={t.removal.stays} className="rounded-control border border-border">
          {staying.map(({ key, ...one }) => (
            <StayingItem key={key} {...one} />
          ))}
          <li className="px-3 py-1.5 text-text-2 not-first:border-t not-first:border-border">{t.removeCustomer.requests}</li>
          {customer.source !== undefined && table !== undefined && (
            <li className="px-3 py-1.5 not-first:border-t not-first:border-border">{t.removeCustomer.row(`${table.schema}.${table.name}`)}</li>
          )}
        </ul>
        {staying.length === 0 && <p className="mt-1 text-caption text-text-3">{t.removeCustomer.nothingStays}</p>}
      </section>
    </>
  );
}

interface RemoveCustomerDialogProps {
  customer: Customer;
  /** What runs have made or found for it. */
  resources: readonly Resource[];
  /** The customer has an instance: the way to its removal. */
  onInstance: (() => void) | undefined;
  onClose(): void;
}

export function RemoveCustomerDialog({ customer, resources, onInstance, onClose }: RemoveCustomerDialogProps) {
  const { t } = useI18n();
  const navigate = useNavigate();
  const toaster = useToaster();
  const remove = useCommand("customer_remove");
  const [typed, setTyped] = useState("");
  const cancel = useRef<HTMLButtonElement>(null);
  const problem = problemOf(remove.error);
  const matches = isTyped(customer, typed);
  const perform = () =>
    remove.mutate(
      { customer: customer.id, confirm: typed },
      {
        onSuccess: () => {
          toaster.done(({ t }) => t.removeCustomer.done(customer.name));
          void navigate({ to: "/customers", search: lastListSearch() });
        },
      },
    );
  return (
    <Dialog
      open
      onClose={onClose}
      initialFocus={cancel}
      title={t.removeCustomer.title(customer.name)}
      description={t.removeCustomer.text}
    >
      <DialogForm
        // Enter alone never fires: only a press on the button does.
        onSubmit={(event) => event.preventDefault()}
      >
        <DialogBody>
          {onInstance !== undefined && (
            <ErrorDisplay
              problem={{ code: "customer_has_instance", customer: customer.name }}
              compact
              mild
              quiet
              actions={
                <Button small onClick={onInstance}>
                  {t.removeCustomer.first}
                </Button>
              }
            />
          )}
          {onInstance === undefined && (
            <>
              <Fates customer={customer} resources={resources} />
              <Field label={t.removeCustomer.confirm(customer.subdomain, customer.name)}>
                {(tied) => <Input {...tied} value={typed} onChange={(event) => setTyped(event.target.value)} />}
              </Field>
            </>
          )}
          {problem !== undefined && <ErrorDisplay problem={problem} compact />}
        </DialogBody>
        <DialogFooter>
          <Button ref={cancel} onClick={onClose}>
            {t.common.cancel}
          </Button>
          <Button kind="danger" disabled={onInstance !== undefined || !matches || remove.isPending} onClick={perform}>
            {t.removeCustomer.submit}
          </Button>
        </DialogFooter>
      </DialogForm>
    </Dialog>
  );
}
