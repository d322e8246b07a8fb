/** A customer's form in a dialog; Ctrl Enter sends it from any field. */

import type { ReactNode } from "react";

import type { BlueprintSummary } from "@/backend/bindings";
import { Button } from "@/components/Button";
import { Dialog, DialogBody, DialogFooter } from "@/components/Dialog";
import { Kbd } from "@/components/Kbd";
import { useI18n } from "@/i18n/I18nProvider";
import { keyLabel, SHORTCUTS } from "@/shell/shortcuts";
import { useShortcut } from "@/shell/ShortcutProvider";

import { CustomerFields } from "./CustomerFields";
import type { CustomerForm } from "./useCustomerForm";

interface CustomerDialogProps {
  title: string;
  submit: string;
  form: CustomerForm;
  blueprints: readonly BlueprintSummary[];
  sending: boolean;
  onClose(): void;
  /** Fields that are no customer's. */
  children?: ReactNode;
}

export function CustomerDialog({ title, submit, form, blueprints, sending, onClose, children }: CustomerDialogProps) {
  const { t } = useI18n();
  useShortcut("submit", form.submit);
  return (
    <Dialog open onClose={onClose} title={title}>
      <form
        ref={form.ref}
        noValidate
        className="flex min-h-0 flex-col"
        onSubmit={(event) => {
          event.preventDefault();
          form.submit();
        }}
      >
        <DialogBody>
          <CustomerFields form={form} blueprints={blueprints} />
          {children}
        </DialogBody>
        <DialogFooter>
          <Button onClick={onClose}>{t.common.cancel}</Button>
          <Button kind="primary" type="submit" disabled={sending}>
            {submit}
            <Kbd>{keyLabel(SHORTCUTS.submit.keys[0] ?? "")}</Kbd>
          </Button>
        </DialogFooter>
      </form>
    </Dialog>
  );
}
