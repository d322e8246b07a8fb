/** Changes what a customer is. */

import { useState } from "react";

import type { BlueprintSummary, CustomerPatch, CustomerRow } from "@/backend/bindings";
import { useCommand } from "@/backend/mutations";
import { Field, Input } from "@/components/Field";
import { useToaster } from "@/components/Toast";
import { useI18n } from "@/i18n/I18nProvider";

import { CustomerDialog, CustomerFormBody } from "./CustomerDialog";
import { creditsOf, type Draft, draftOf, type Held, heldOf, wordsByField } from "./customerForm";
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

/** Credits that are no number are left as they were. */
export function heldPatchOf(before: Held, after: Held): CustomerPatch {
  const patch: CustomerPatch = {};
  const credits = creditsOf(after.credits);
  if (credits !== undefined && credits !== creditsOf(before.credits)) patch.credits = credits;
  if (after.external_id.trim() !== before.external_id) patch.external_id = after.external_id.trim() || null;
  return patch;
}

/** Something is made for it under its subdomain, or is about to be; Rust, which knows all of it, has the last word. */
function isNamedBySubdomain({ state, stack }: CustomerRow): boolean {
  return state === "setting_up" || stack.some((mark) => mark.state === "live");
}

interface EditCustomerDialogProps {
  customer: CustomerRow;
  onClose(): void;
}

function Form({ customer, blueprints, onClose }: EditCustomerDialogProps & { blueprints: readonly BlueprintSummary[] }) {
  const { t, language } = useI18n();
  const edit = useCommand("customer_edit");
  const toaster = useToaster();
  // What the form opened with: what a run writes meanwhile is no change of the owner's.
  const [initial] = useState(() => draftOf(customer));
  const [held] = useState(() => heldOf(customer));
  const [typed, setTyped] = useState(held);
  const form = useCustomerForm({
    initial,
    except: customer.id,
    isNamed: isNamedBySubdomain(customer),
    async onSubmit(draft) {
      const patch = { ...patchOf(initial, draft), ...heldPatchOf(held, typed) };
      if (Object.keys(patch).length === 0) {
        onClose();
        return;
      }
      await edit.mutateAsync({ customer: customer.id, patch });
      toaster.done(({ t }) => t.editCustomer.saved);
      onClose();
    },
  });
  const set = (changed: Partial<Held>) => {
    // What was refused is about what was typed before.
    form.set({});
    setTyped({ ...typed, ...changed });
  };
  const isNumber = creditsOf(typed.credits) !== undefined;
  const submit = () => {
    if (isNumber) form.submit();
    else form.ref.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  };
  return (
    <CustomerFormBody
      submit={t.common.save}
      form={{ ...form, submit }}
      blueprints={blueprints}
      sending={edit.isPending}
      onClose={onClose}
      changed={typed.credits !== held.credits || typed.external_id !== held.external_id}
    >
      <div className="grid grid-cols-2 gap-4">
        <Field label={t.customer.credits} faults={isNumber ? [] : [t.editCustomer.wholeNumber]}>
          {(tied) => (
            <Input {...tied} inputMode="numeric" value={typed.credits} onChange={(event) => set({ credits: event.target.value })} />
          )}
        </Field>
        <Field
          label={`${t.customer.externalId} (${t.common.optional})`}
          faults={wordsByField(form.problems, language).external_id}
          help={t.editCustomer.externalIdHelp}
        >
          {(tied) => (
            <Input {...tied} mono value={typed.external_id} onChange={(event) => set({ external_id: event.target.value })} />
          )}
        </Field>
      </div>
    </CustomerFormBody>
  );
}

export function EditCustomerDialog({ customer, onClose }: EditCustomerDialogProps) {
  const { t } = useI18n();
  return (
    <CustomerDialog title={t.editCustomer.title} onClose={onClose}>
      {(blueprints) => <Form customer={customer} blueprints={blueprints} onClose={onClose} />}
    </CustomerDialog>
  );
}
