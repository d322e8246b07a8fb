/** The versions of a blueprint that others took the place of: one is gone back to as a draft, and nothing is saved by that. */

import type { BlueprintFile } from "@/backend/bindings";
import { problemOf } from "@/backend/errors";
import { useCommand } from "@/backend/mutations";
import { useBlueprintVersions } from "@/backend/queries";
import { Button } from "@/components/Button";
import { Dialog, DialogBody, DialogFooter } from "@/components/Dialog";
import { Skeleton, Waiting } from "@/components/layout";
import { useNow } from "@/components/useNow";
import { ErrorDisplay } from "@/errors/ErrorDisplay";
import { Loaded } from "@/errors/Loaded";
import { useI18n } from "@/i18n/I18nProvider";

const MINUTE_MS = 60_000;

interface VersionsDialogProps {
  name: string;
  /** There are changes that would be lost. */
  dirty: boolean;
  onClose(): void;
  onChosen(files: readonly BlueprintFile[]): void;
}

export function VersionsDialog({ name, dirty, onClose, onChosen }: VersionsDialogProps) {
  const { t, format } = useI18n();
  const now = useNow(MINUTE_MS);
  const versions = useBlueprintVersions(name);
  const read = useCommand("blueprint_version");
  const problem = problemOf(read.error);
  const goBackTo = (hash: string) =>
    read.mutate(
      { name, hash },
      {
        onSuccess: (files) => onChosen(files),
        // It is not among them any more.
        onError: (error) => {
          if (problemOf(error)?.code === "blueprint_version_gone") void versions.refetch();
        },
      },
    );
  return (
    <Dialog
      open
      onClose={onClose}
      title={t.blueprintEditor.versionsTitle(name)}
      description={dirty ? t.blueprintEditor.versionsDirty : t.blueprintEditor.versionsText}
    >
      <DialogBody>
        <Loaded query={versions} skeleton={<Waiting><Skeleton className="h-20" /></Waiting>}>
          {(all) =>
            all.length === 0 ? (
              <p className="text-text-2">{t.blueprintEditor.noVersions}</p>
            ) : (
              <ul aria-label={t.blueprintEditor.versionsTitle(name)} className="rounded-card border border-border">
                {all.map(({ version, hash, replaced_at }) => (
                  <li key={hash} className="flex min-h-9 items-center gap-3 px-3 py-1 not-first:border-t not-first:border-border">
                    <span className="min-w-0 flex-1 text-text-2">{t.blueprintEditor.replaced(format.moment(replaced_at, now))}</span>
                    <Button small disabled={read.isPending} onClick={() => goBackTo(hash)}>
                      {t.blueprintEditor.goBackTo(version)}
                    </Button>
                  </li>
                ))}
              </ul>
            )
          }
        </Loaded>
        {problem !== undefined && <ErrorDisplay problem={problem} compact />}
      </DialogBody>
      <DialogFooter>
        <Button onClick={onClose}>{t.common.cancel}</Button>
      </DialogFooter>
    </Dialog>
  );
}
