/** A question to whoever asked, before one decides: begun in their language, and sent from one's own mail. */

import { useState } from "react";

import type { OnboardingRequest } from "@/backend/bindings";
import { CopyButton, CopyField } from "@/components/CopyField";
import { Dialog, DialogBody, DialogFooter, Unsaved } from "@/components/Dialog";
import { Field, TextArea } from "@/components/Field";
import { createI18n, useI18n } from "@/i18n/I18nProvider";

export function AskDialog({ request, onClose }: { request: OnboardingRequest; onClose(): void }) {
  const { t } = useI18n();
  const theirs = createI18n(request.language).t;
  const [opened] = useState(() => theirs.requests.question(request.contact_name, request.name));
  const [text, setText] = useState(opened);
  return (
    <Dialog open onClose={onClose} title={t.requests.askTitle(request.name)} description={t.requests.askText}>
      <Unsaved when={text !== opened} />
      <DialogBody>
        <CopyField text={request.contact_email} />
        <Field label={t.requests.questionLabel}>
          {(tied) => <TextArea {...tied} lang={request.language} rows={9} value={text} onChange={(event) => setText(event.target.value)} />}
        </Field>
      </DialogBody>
      <DialogFooter>
        <CopyButton kind="primary" text={text}>
          {t.requests.copyQuestion}
        </CopyButton>
      </DialogFooter>
    </Dialog>
  );
}
