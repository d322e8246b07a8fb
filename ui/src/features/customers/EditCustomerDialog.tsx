/** Changes what a customer is. */

import { useState } from "react";

import type { BlueprintSummary, Customer, CustomerPatch } from "@/backend/bindings";
import { useCommand } from "@/backend/mutations";
import { useBlueprints } from "@/backend/queries";
import { useToaster } from "@/components/Toast";
import { useI18n } from "@/i18n/I18nProvider";

import { CustomerDialog } from "./CustomerDialog";
import { type Draft, draftOf } from "./customerForm";
import { useCustomerForm } from "./useCustomerForm";

/** Only what was changed, so that another window's change of another field stays. */
export function patchOf(before: Draft, after: Draft): CustomerPatch {
  const { contact_name, modules, ...rest } = after;
  const patch: CustomerPatch = Object.fromEntries(
    Object.entries(rest).filter(([field, value]) => before[field as keyof Draft] !== value),
  );
  if (contact_name !== before.contact_name) patch.contact_name = contact_name.trim() || null;
  if (modules.join() !== before.modules.join()) patch.modules = [...modules];
  return patch;
}

interface EditCustomerDialogProps {
  customer: Customer;
  onClose(): void;
}

function Form({ customer, blueprints, onClose }: EditCustomerDialogProps & { blueprints: readonly BlueprintSummary[] }) {
  const { t } = useI18n();
  const edit = useCommand("customer_edit");
  const toaster = useToaster();
  // What the form opened with: what a run writes meanwhile is no change of the owner's.
  const [initial] = useState(() => draftOf(customer));
  const form = useCustomerForm({
    initial,
    except: customer.id,
    async onSubmit(draft) {
      await edit.mutateAsync({ customer: customer.id, patch: patchOf(initial, draft) });
      toaster.done(t.editCustomer.saved);
      onClose();
    },
  });
  return (
    <CustomerDialog
      title={t.editCustomer.title}
      submit={t.common.save}
      form={form}
      blueprints={blueprints}
      sending={edit.isPending}
      onClose={onClose}
    />
  );
}

export function EditCustomerDialog({ customer, onClose }: EditCustomerDialogProps) {
  const blueprints = useBlueprints();
  return blueprints.data === undefined ? null : (
    <Form customer={customer} blueprints={blueprints.data} onClose={onClose} />
  );
}
