/** What is new, file by file, before it is saved as the blueprint's next version. */

import type { BlueprintContents } from "@/backend/bindings";
import { problemOf } from "@/backend/errors";
import { useCommand } from "@/backend/mutations";
import { Button } from "@/components/Button";
import { Dialog, DialogBody, DialogFooter } from "@/components/Dialog";
import { Chip } from "@/components/layout";
import { Status } from "@/components/states";
import { useToaster } from "@/components/Toast";
import { ErrorDisplay } from "@/errors/ErrorDisplay";
import { useI18n } from "@/i18n/I18nProvider";

import { type Draft, type FileChange, filesOf } from "./draft";
import { TextDiff } from "./TextDiff";

interface ReviewDialogProps {
  contents: BlueprintContents;
  draft: Draft;
  changes: readonly FileChange[];
  /** The draft has yet to be looked at. */
  checking: boolean;
  /** How many things are wrong with it. */
  faults: number;
  onClose(): void;
  onSaved(saved: BlueprintContents): void;
}

export function ReviewDialog({ contents, draft, changes, checking, faults, onClose, onSaved }: ReviewDialogProps) {
  const { t, format } = useI18n();
  const toaster = useToaster();
  const save = useCommand("blueprint_save");
  const problem = problemOf(save.error);
  const { name, hash, customers } = contents;
  const perform = () =>
    save.mutate(
      { name, hash, files: filesOf(draft) },
      {
        onSuccess: (saved) => {
          toaster.done(t.blueprintEditor.saved(name));
          onSaved(saved);
        },
      },
    );
  const word = ({ before, after }: FileChange) =>
    before === undefined ? t.blueprintEditor.added : after === undefined ? t.blueprintEditor.removed : t.blueprintEditor.changed;
  return (
    <Dialog
      open
      wide
      onClose={onClose}
      title={t.blueprintEditor.reviewTitle(name)}
      description={t.blueprintEditor.reviewText(customers, format.number(customers))}
    >
      <DialogBody reading={t.blueprintEditor.reviewTitle(name)}>
        {changes.map((change) => (
          <section key={change.path} aria-label={change.path}>
            <h3 className="mb-1 flex items-center gap-2">
              <span className="mono font-medium">{change.path}</span>
              <Chip>{word(change)}</Chip>
            </h3>
            {change.after !== undefined && <TextDiff path={change.path} before={change.before ?? ""} after={change.after} />}
          </section>
        ))}
        {problem !== undefined && <ErrorDisplay problem={problem} />}
      </DialogBody>
      <DialogFooter>
        <span role="status" className="mr-auto">
          {checking ? (
            <Status look={{ shape: "setup", tone: "info", turning: true }} word={t.shelf.checking} />
          ) : (
            faults > 0 && <Status look={{ shape: "fail", tone: "error" }} word={t.shelf.faults(faults)} />
          )}
        </span>
        <Button onClick={onClose}>{t.common.cancel}</Button>
        <Button kind="primary" disabled={save.isPending} onClick={perform}>
          {!checking && faults > 0 ? t.blueprintEditor.saveFaulty : t.blueprintEditor.save}
        </Button>
      </DialogFooter>
    </Dialog>
  );
}
