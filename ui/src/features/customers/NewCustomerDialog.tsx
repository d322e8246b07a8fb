/** Adds a customer. */

import { useNavigate } from "@tanstack/react-router";

import type { BlueprintSummary } from "@/backend/bindings";
import { useCommand } from "@/backend/mutations";
import { useToaster } from "@/components/Toast";
import { useI18n } from "@/i18n/I18nProvider";

import { CustomerDialog, CustomerFormBody } from "./CustomerDialog";
import { emptyDraft, newCustomerOf } from "./customerForm";
import { useCustomerForm } from "./useCustomerForm";

interface NewCustomerDialogProps {
  onClose(): void;
}

function Form({ blueprints, onClose }: NewCustomerDialogProps & { blueprints: readonly BlueprintSummary[] }) {
  const { t, language } = useI18n();
  const add = useCommand("customer_add");
  const navigate = useNavigate();
  const toaster = useToaster();
  const form = useCustomerForm({
    initial: emptyDraft(blueprints[0], language),
    except: null,
    async onSubmit(draft) {
      const customer = await add.mutateAsync({ new: newCustomerOf(draft) });
      toaster.done(({ t }) => t.newCustomer.created(customer.name));
      await navigate({ to: "/customers/$customer", params: { customer: customer.id }, ignoreBlocker: true });
    },
  });
  return (
    <CustomerFormBody
      submit={t.newCustomer.submit}
      form={form}
      blueprints={blueprints}
      sending={add.isPending}
      onClose={onClose}
    />
  );
}

export function NewCustomerDialog({ onClose }: NewCustomerDialogProps) {
  const { t } = useI18n();
  return (
    <CustomerDialog title={t.newCustomer.title} onClose={onClose}>
      {(blueprints) => <Form blueprints={blueprints} onClose={onClose} />}
    </CustomerDialog>
  );
}
