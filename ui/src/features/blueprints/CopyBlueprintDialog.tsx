/** A blueprint of the workspace's own, which begins as a copy of another. */

import { type FormEvent, useState } from "react";

import { problemOf } from "@/backend/errors";
import { useCommand } from "@/backend/mutations";
import { Button } from "@/components/Button";
import { Dialog, DialogBody, DialogFooter, DialogForm } from "@/components/Dialog";
import { Field, Input } from "@/components/Field";
import { present } from "@/errors/presentation";
import { useI18n } from "@/i18n/I18nProvider";

interface CopyBlueprintDialogProps {
  from: string;
  onClose(): void;
  onMade(name: string): void;
}

export function CopyBlueprintDialog({ from, onClose, onMade }: CopyBlueprintDialogProps) {
  const { t, language } = useI18n();
  const copy = useCommand("blueprint_copy");
  const [name, setName] = useState("");
  const problem = problemOf(copy.error);
  const send = (event: FormEvent) => {
    event.preventDefault();
    copy.mutate({ name: name.trim(), from }, { onSuccess: (made) => onMade(made.name) });
  };
  return (
    <Dialog open onClose={onClose} title={t.blueprintEditor.copyTitle(from)} description={t.blueprintEditor.copyText}>
      <DialogForm onSubmit={send}>
        <DialogBody>
          <Field label={t.blueprintEditor.name} faults={problem === undefined ? undefined : [present(problem, language)]}>
            {(tied) => <Input {...tied} mono value={name} onChange={(event) => setName(event.target.value)} />}
          </Field>
        </DialogBody>
        <DialogFooter>
          <Button onClick={onClose}>{t.common.cancel}</Button>
          <Button kind="primary" type="submit" disabled={copy.isPending || name.trim() === ""}>
            {t.blueprintEditor.copySubmit}
          </Button>
        </DialogFooter>
      </DialogForm>
    </Dialog>
  );
}
