/** A customer's form in a dialog; Ctrl Enter sends it from any field. */

import { type ReactNode, useEffect } from "react";

import type { BlueprintSummary } from "@/backend/bindings";
import { useBlueprints } from "@/backend/queries";
import { Button } from "@/components/Button";
import { Dialog, DialogBody, DialogFooter, DialogForm, Unsaved } from "@/components/Dialog";
import { Skeleton, Waiting } from "@/components/layout";
import { Loaded } from "@/errors/Loaded";
import { useI18n } from "@/i18n/I18nProvider";
import { ShortcutHint } from "@/shell/ShortcutHint";
import { submitByKey } from "@/shell/shortcuts";

import { CustomerFields } from "./CustomerFields";
import type { CustomerForm } from "./useCustomerForm";

/** The form's geometry while what can be chosen in it is on its way. */
function FormSkeleton() {
  return (
    <Waiting className="grid gap-5 px-5 pt-1 pb-5">
      {Array.from({ length: 5 }, (_, field) => (
        <div key={field} className="grid gap-2">
          <Skeleton className="w-1/4" />
          <Skeleton className="h-7" />
        </div>
      ))}
    </Waiting>
  );
}

interface CustomerDialogProps {
  title: string;
  onClose(): void;
  /** Draws the form, once the blueprints are there. */
  children(blueprints: readonly BlueprintSummary[]): ReactNode;
}

/** It opens at the press, and says why there is no form where the blueprints can't be read. */
export function CustomerDialog({ title, onClose, children }: CustomerDialogProps) {
  const blueprints = useBlueprints();
  return (
    <Dialog open onClose={onClose} title={title}>
      <Loaded query={blueprints} skeleton={<FormSkeleton />}>
        {children}
      </Loaded>
    </Dialog>
  );
}

interface CustomerFormBodyProps {
  submit: string;
  form: CustomerForm;
  blueprints: readonly BlueprintSummary[];
  sending: boolean;
  onClose(): void;
  /** One of the fields that are no customer's was changed. */
  changed?: boolean;
  /** Fields that are no customer's. */
  children?: ReactNode;
}

export function CustomerFormBody({ submit, form, blueprints, sending, onClose, changed = false, children }: CustomerFormBodyProps) {
  const { t } = useI18n();
  // The dialog may have opened before there was a field.
  useEffect(() => form.ref.current?.querySelector("input")?.focus(), [form.ref]);
  return (
    <DialogForm
      ref={form.ref}
      noValidate
      onKeyDown={submitByKey}
      onSubmit={(event) => {
        event.preventDefault();
        form.submit();
      }}
    >
      <Unsaved when={form.changed || changed} />
      <DialogBody>
        <CustomerFields form={form} blueprints={blueprints} />
        {children}
      </DialogBody>
      <DialogFooter>
        <Button onClick={onClose}>{t.common.cancel}</Button>
        <Button kind="primary" type="submit" disabled={sending}>
          {submit}
          <ShortcutHint of="submit" />
        </Button>
      </DialogFooter>
    </DialogForm>
  );
}
