/** The guide's last step: a customer in three fields, added and provisioned in one press. */

import { useNavigate } from "@tanstack/react-router";

import type { BlueprintSummary } from "@/backend/bindings";
import { problemOf } from "@/backend/errors";
import { useCommand } from "@/backend/mutations";
import { Button } from "@/components/Button";
import { Field } from "@/components/Field";
import { Kbd } from "@/components/Kbd";
import { Select } from "@/components/Select";
import { useToaster } from "@/components/Toast";
import { ErrorDisplay } from "@/errors/ErrorDisplay";
import { present } from "@/errors/presentation";
import { useI18n } from "@/i18n/I18nProvider";

import { EmailField, NameFields } from "./CustomerFields";
import { emptyDraft, newCustomerOf } from "./customerForm";
import { useCustomerForm } from "./useCustomerForm";
import { useOnFailure } from "./OnFailureChoice";

interface FirstCustomerFormProps {
  blueprint: BlueprintSummary;
  /** Begin with an example: nothing is made for real. */
  example: boolean;
  /** The customer is there; its run is under way, or says on its page why not. */
  onAdded(): void;
}

export function FirstCustomerForm({ blueprint, example, onAdded }: FirstCustomerFormProps) {
  const { t, language, format } = useI18n();
  const navigate = useNavigate();
  const toaster = useToaster();
  const add = useCommand("customer_add");
  const provision = useCommand("provision");
  const [onFailure] = useOnFailure();
  const given = example ? { name: t.firstRun.example.name, contact_email: t.firstRun.example.email } : {};
  const form = useCustomerForm({
    initial: { ...emptyDraft(blueprint, language), ...given },
    except: null,
    async onSubmit(draft) {
      const customer = await add.mutateAsync({ new: newCustomerOf(draft) });
      onAdded();
      try {
        const run = await provision.mutateAsync({ customer: customer.id, on_failure: onFailure });
        await navigate({ to: "/runs/$run", params: { run: run.id } });
      } catch (error) {
        // The customer is there all the same: its page is where it goes on.
        const problem = problemOf(error);
        if (problem === undefined) toaster.failed(t.errors.lost);
        else toaster.failed(present(problem, language).title, present(problem, language).text);
        await navigate({ to: "/customers/$customer", params: { customer: customer.id } });
      }
    },
  });
  const busy = add.isPending || provision.isPending;
  // An example costs nothing.
  const price = example ? undefined : blueprint.plans.find(({ name }) => name === form.draft.plan)?.monthly_price;
  return (
    <form
      ref={form.ref}
      noValidate
      className="grid max-w-[440px] gap-4"
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
            id={tied.id}
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
