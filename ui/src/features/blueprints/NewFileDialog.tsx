/** The name of a file to be added. */

import { type FormEvent, useState } from "react";

import { Button } from "@/components/Button";
import { Dialog, DialogBody, DialogFooter, DialogForm } from "@/components/Dialog";
import { Field, Input } from "@/components/Field";
import { useI18n } from "@/i18n/I18nProvider";

import { type Draft, pathFault } from "./draft";

interface NewFileDialogProps {
  draft: Draft;
  onClose(): void;
  onAdd(path: string): void;
}

export function NewFileDialog({ draft, onClose, onAdd }: NewFileDialogProps) {
  const { t } = useI18n();
  const [path, setPath] = useState("");
  const fault = pathFault(path.trim(), draft);
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (fault === undefined) onAdd(path.trim());
  };
  return (
    <Dialog open onClose={onClose} title={t.blueprintEditor.newFile}>
      <DialogForm onSubmit={send}>
        <DialogBody>
          <Field
            label={t.blueprintEditor.path}
            faults={fault === undefined || fault === "empty" ? undefined : [t.blueprintEditor.pathFaults[fault]]}
          >
            {(tied) => <Input {...tied} mono value={path} onChange={(event) => setPath(event.target.value)} />}
          </Field>
        </DialogBody>
        <DialogFooter>
          <Button onClick={onClose}>{t.common.cancel}</Button>
          <Button kind="primary" type="submit" disabled={fault !== undefined}>
            {t.blueprintEditor.add}
          </Button>
        </DialogFooter>
      </DialogForm>
    </Dialog>
  );
}
