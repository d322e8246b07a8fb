/** Says no to a request, with a reason that is kept. */

import { useState } from "react";

import type { OnboardingRequest } from "@/backend/bindings";
import { problemOf } from "@/backend/errors";
import { useCommand } from "@/backend/mutations";
import { Button } from "@/components/Button";
import { Dialog, DialogBody, DialogFooter, DialogForm, Unsaved } from "@/components/Dialog";
import { Field, Input } from "@/components/Field";
import { useToaster } from "@/components/Toast";
import { ErrorDisplay } from "@/errors/ErrorDisplay";
import { useI18n } from "@/i18n/I18nProvider";

export function RejectDialog({ request, onClose }: { request: OnboardingRequest; onClose(): void }) {
  const { t } = useI18n();
  const toaster = useToaster();
  const reject = useCommand("request_reject");
  const [reason, setReason] = useState("");
  const problem = problemOf(reject.error);
  const perform = () =>
    reject.mutate(
      { request: request.id, reason },
      {
        onSuccess: () => {
          toaster.done(({ t }) => t.requests.rejected(request.name));
          onClose();
        },
      },
    );
  return (
    <Dialog open onClose={onClose} title={t.requests.rejectTitle(request.name)} description={t.requests.rejectText}>
      <DialogForm
        onSubmit={(event) => {
          event.preventDefault();
          if (reason.trim() !== "") perform();
        }}
      >
        <Unsaved when={reason.trim() !== ""} />
        <DialogBody>
          <Field label={t.requests.reason}>
            {(tied) => <Input {...tied} value={reason} onChange={(event) => setReason(event.target.value)} />}
          </Field>
          {problem !== undefined && <ErrorDisplay problem={problem} compact />}
        </DialogBody>
        <DialogFooter>
          <Button onClick={onClose}>{t.common.cancel}</Button>
          <Button kind="danger" type="submit" disabled={reason.trim() === "" || reject.isPending}>
            {t.requests.rejectSubmit}
          </Button>
        </DialogFooter>
      </DialogForm>
    </Dialog>
  );
}
