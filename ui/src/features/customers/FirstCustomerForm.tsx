/** The guide's last step: a customer in three fields, added and provisioned in one press. */

import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";

import type { BlueprintSummary, Customer } from "@/backend/bindings";
import { useCommand } from "@/backend/mutations";
import { Button } from "@/components/Button";
import { Field } from "@/components/Field";
import { Kbd } from "@/components/Kbd";
import { Select } from "@/components/Select";
import { ErrorDisplay } from "@/errors/ErrorDisplay";
import { useI18n } from "@/i18n/I18nProvider";
import { submitByKey } from "@/shell/shortcuts";

import { BlockedDialog } from "./BlockedDialog";
import { EmailField, NameFields } from "./CustomerFields";
import { emptyDraft, newCustomerOf } from "./customerForm";
import { useCustomerForm } from "./useCustomerForm";
import { type Provisioning, useProvision } from "./useProvision";

interface FirstCustomerFormProps {
  blueprint: BlueprintSummary;
  /** Begin with an example: nothing is made for real. */
  example: boolean;
  /** The customer is there; its run is begun next, or says why not. */
  onAdded(): void;
}

interface AddedProps {
  customer: Customer;
  provisioning: Provisioning;
}

/** The customer is there, whatever comes of its run: what is in the way is shown, and its page is where it goes on. */
function Added({ customer, provisioning }: AddedProps) {
  const { t } = useI18n();
  const navigate = useNavigate();
  const busy = provisioning.busy !== undefined;
  const dismiss = () => {
    provisioning.dismiss();
    void navigate({ to: "/customers/$customer", params: { customer: customer.id } });
  };
  return (
    <div className="grid max-w-[440px] justify-items-start gap-4">
      <p role="status">{t.newCustomer.created(customer.name)}</p>
      <Button kind="primary" disabled={busy} onClick={() => provisioning.start(customer)}>
        {busy ? t.customers.provisioning : t.customers.provision}
      </Button>
      <BlockedDialog provisioning={{ ...provisioning, dismiss }} />
    </div>
  );
}

export function FirstCustomerForm({ blueprint, example, onAdded }: FirstCustomerFormProps) {
  const { t, language, format } = useI18n();
  const add = useCommand("customer_add");
  const provisioning = useProvision();
  const [added, setAdded] = useState<Customer>();
  const given = example ? { name: t.firstRun.example.name, contact_email: t.firstRun.example.email } : {};
  const form = useCustomerForm({
    initial: { ...emptyDraft(blueprint, language), ...given },
    except: null,
    async onSubmit(draft) {
      const customer = await add.mutateAsync({ new: newCustomerOf(draft) });
      setAdded(customer);
      onAdded();
      provisioning.start(customer);
    },
  });
  const busy = add.isPending;
  // An example costs nothing.
  const price = example ? undefined : blueprint.plans.find(({ name }) => name === form.draft.plan)?.monthly_price;
  if (added !== undefined) return <Added customer={added} provisioning={provisioning} />;
  return (
    <form
      ref={form.ref}
      noValidate
      className="grid max-w-[440px] gap-4"
      onKeyDown={submitByKey}
      onSubmit={(event) => {
        event.preventDefault();
        if (!busy) form.submit();
      }}
    >
      <NameFields form={form} />
      <EmailField form={form} />
      <Field label={t.newCustomer.plan} help={price && t.newCustomer.perMonth(format.money(price))}>
        {(tied) => (
          <Select
            {...tied}
            value={form.draft.plan}
            options={blueprint.plans.map((plan) => ({ value: plan.name, label: plan.title[language] }))}
            onChange={(plan) => form.set({ plan })}
          />
        )}
      </Field>
      {form.whole !== undefined && <ErrorDisplay problem={form.whole} compact />}
      {example && <p className="text-caption text-text-3">{t.firstRun.exampleText}</p>}
      <div className="flex items-center gap-3">
        <Button kind="primary" type="submit" disabled={busy}>
          {busy ? t.firstRun.working : t.firstRun.submit}
          <Kbd>↵</Kbd>
        </Button>
        <span className="text-text-3">{t.customers.about(format.duration(blueprint.expected_seconds))}</span>
      </div>
    </form>
  );
}
