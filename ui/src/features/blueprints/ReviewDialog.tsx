/** What is new, file by file, before it is saved as the blueprint's next version. */

import type { BlueprintContents, BlueprintFault } from "@/backend/bindings";
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
import { endsChange } from "./lineEnds";
import { TextDiff } from "./TextDiff";

interface ReviewDialogProps {
  contents: BlueprintContents;
  draft: Draft;
  changes: readonly FileChange[];
  /** The draft has yet to be looked at. */
  checking: boolean;
  /** What is wrong with it. */
  faults: readonly BlueprintFault[];
  onClose(): void;
  onSaved(saved: BlueprintContents): void;
  /** What is there now, where somebody else changed it since it was opened. */
  onReopened(now: BlueprintContents): void;
}

/** That a file's lines end otherwise: the lines themselves look the same. */
function Ends({ change: { before, after } }: { change: FileChange }) {
  const { t, format } = useI18n();
  const ends = before === undefined || after === undefined ? undefined : endsChange(before, after);
  return ends === undefined ? null : <p className="mb-1 text-text-2">{t.blueprintEditor.lineEnds(format.list(ends.from), format.list(ends.to))}</p>;
}

/** What would be saved all the same. */
function Faults({ faults }: { faults: readonly BlueprintFault[] }) {
  const { t } = useI18n();
  return (
    <section>
      <h3 className="mb-1 font-medium">{t.blueprintEditor.savedOver}</h3>
      <ul aria-label={t.blueprintEditor.savedOver} className="rounded-control border border-border">
        {faults.map((fault) => (
          <li key={JSON.stringify(fault)} className="px-3 py-1.5 not-first:border-t not-first:border-border">
            <span className="mono block wrap-anywhere text-text-2">{fault.line === undefined ? fault.file : `${fault.file}:${fault.line}`}</span>
            <span className="block wrap-anywhere">{fault.message}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

export function ReviewDialog({ contents, draft, changes, checking, faults, onClose, onSaved, onReopened }: ReviewDialogProps) {
  const { t, format } = useI18n();
  const toaster = useToaster();
  const save = useCommand("blueprint_save");
  const reopen = useCommand("blueprint_open");
  const refusal = problemOf(save.error);
  const problem = problemOf(reopen.error) ?? refusal;
  const { name, hash, customers } = contents;
  const perform = () => {
    reopen.reset();
    save.mutate(
      { name, hash, files: filesOf(draft) },
      {
        onSuccess: (saved) => {
          toaster.done(({ t }) => t.blueprintEditor.saved(name));
          onSaved(saved);
        },
      },
    );
  };
  const openNow = () =>
    reopen.mutate(
      { name },
      {
        onSuccess: (now) => {
          save.reset();
          onReopened(now);
        },
      },
    );
  const isFaulty = !checking && faults.length > 0;
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
        {isFaulty && <Faults faults={faults} />}
        {changes.map((change) => (
          <section key={change.path} aria-label={change.path}>
            <h3 className="mb-1 flex items-center gap-2">
              <span className="mono font-medium">{change.path}</span>
              <Chip>{word(change)}</Chip>
            </h3>
            <Ends change={change} />
            {change.after !== undefined && <TextDiff path={change.path} before={change.before ?? ""} after={change.after} />}
          </section>
        ))}
        {problem !== undefined && (
          <ErrorDisplay
            problem={problem}
            actions={
              refusal?.code === "blueprint_changed" ? (
                <Button disabled={reopen.isPending} onClick={openNow}>
                  {t.blueprintEditor.openNow}
                </Button>
              ) : undefined
            }
          />
        )}
      </DialogBody>
      <DialogFooter>
        <span role="status" className="mr-auto">
          {checking ? (
            <Status look={{ shape: "setup", tone: "info", turning: true }} word={t.shelf.checking} />
          ) : (
            faults.length > 0 && <Status look={{ shape: "fail", tone: "error" }} word={t.shelf.faults(faults.length)} />
          )}
        </span>
        <Button onClick={onClose}>{t.common.cancel}</Button>
        {/* Not urged where something is wrong with it. */}
        <Button kind={isFaulty ? "plain" : "primary"} disabled={save.isPending || reopen.isPending} onClick={perform}>
          {isFaulty ? t.blueprintEditor.saveFaulty : t.blueprintEditor.save}
        </Button>
      </DialogFooter>
    </Dialog>
  );
}
