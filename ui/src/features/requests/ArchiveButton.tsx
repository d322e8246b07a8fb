/** Puts the request under review away undecided, with its key. */

import { Button } from "@/components/Button";
import { Kbd } from "@/components/Kbd";
import { useI18n } from "@/i18n/I18nProvider";
import { keyLabel, SHORTCUTS } from "@/shell/shortcuts";

export function ArchiveButton({ disabled, onArchive }: { disabled: boolean; onArchive(): void }) {
  const { t } = useI18n();
  return (
    <Button disabled={disabled} onClick={onArchive}>
      {t.requests.archive}
      <Kbd>{keyLabel(SHORTCUTS.archive.keys[0] ?? "")}</Kbd>
    </Button>
  );
}
