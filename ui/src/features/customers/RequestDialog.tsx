/** A request of the inbox, typed in or changed: a customer's form, and what the sender wrote. */

import { useState } from "react";

import type { BlueprintSummary, OnboardingRequest } from "@/backend/bindings";
import { useCommand } from "@/backend/mutations";
import { unreadLanguage } from "@/backend/unreadLanguage";
import { Field, TextArea } from "@/components/Field";
import { useToaster } from "@/components/Toast";
import { useI18n } from "@/i18n/I18nProvider";

import { CustomerDialog, CustomerFormBody } from "./CustomerDialog";
import { draftOfWish, emptyDraft, wishOf } from "./customerForm";
import { useCustomerForm } from "./useCustomerForm";

interface RequestDialogProps {
  /** The one that is changed; none for a new one. */
  request: OnboardingRequest | undefined;
  /** A new one is in the inbox. */
  onAdded(request: OnboardingRequest): void;
  onClose(): void;
}

function Form({ request, blueprints, onAdded, onClose }: RequestDialogProps & { blueprints: readonly BlueprintSummary[] }) {
  const { t, language } = useI18n();
  const add = useCommand("request_add");
  const edit = useCommand("request_edit");
  const toaster = useToaster();
  const [message, setMessage] = useState(request?.message ?? "");
  const form = useCustomerForm({
    initial: request === undefined ? emptyDraft(blueprints[0], language) : draftOfWish(request),
    except: null,
    wished: request !== undefined,
    unread: request && unreadLanguage(request),
    async onSubmit(draft) {
      const wish = wishOf(draft, message);
      if (request === undefined) {
        const added = await add.mutateAsync({ wish });
        toaster.done(({ t }) => t.requests.added(added.name));
        onAdded(added);
      } else {
        await edit.mutateAsync({ request: request.id, wish });
        toaster.done(({ t }) => t.requests.saved);
        onClose();
      }
    },
  });
  return (
    <CustomerFormBody
      submit={request === undefined ? t.requests.addSubmit : t.common.save}
      form={form}
      blueprints={blueprints}
      sending={add.isPending || edit.isPending}
      onClose={onClose}
      changed={message !== (request?.message ?? "")}
    >
      <Field label={`${t.requests.message} (${t.common.optional})`}>
        {(tied) => <TextArea {...tied} rows={3} value={message} onChange={(event) => setMessage(event.target.value)} />}
      </Field>
    </CustomerFormBody>
  );
}

export function RequestDialog(props: RequestDialogProps) {
  const { t } = useI18n();
  return (
    <CustomerDialog title={props.request === undefined ? t.requests.addTitle : t.requests.editTitle} onClose={props.onClose}>
      {(blueprints) => <Form {...props} blueprints={blueprints} />}
    </CustomerDialog>
  );
}
