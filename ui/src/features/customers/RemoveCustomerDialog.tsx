/** Removes a customer's record, once its subdomain or its name is typed. One with an instance keeps it: first the instance goes. */

import { useNavigate } from "@tanstack/react-router";
import { useRef, useState } from "react";

import type { Customer } from "@/backend/bindings";
import { problemOf } from "@/backend/errors";
import { useCommand } from "@/backend/mutations";
import { Button } from "@/components/Button";
import { Dialog, DialogBody, DialogFooter, DialogForm } from "@/components/Dialog";
import { Field, Input } from "@/components/Field";
import { useToaster } from "@/components/Toast";
import { ErrorDisplay } from "@/errors/ErrorDisplay";
import { useI18n } from "@/i18n/I18nProvider";

import { lastListSearch } from "./listSearch";
import { isTyped } from "./typed";

interface RemoveCustomerDialogProps {
  customer: Customer;
  /** The customer has an instance: the way to its removal. */
  onInstance: (() => void) | undefined;
  onClose(): void;
}

export function RemoveCustomerDialog({ customer, onInstance, onClose }: RemoveCustomerDialogProps) {
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
            <Field label={t.removeCustomer.confirm(customer.subdomain, customer.name)}>
              {(tied) => <Input {...tied} value={typed} onChange={(event) => setTyped(event.target.value)} />}
            </Field>
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
