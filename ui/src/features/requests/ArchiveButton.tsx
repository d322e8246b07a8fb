/** Puts the request under review away undecided, with its key. */

import { Button } from "@/components/Button";
import { useI18n } from "@/i18n/I18nProvider";
import { ShortcutHint } from "@/shell/ShortcutHint";

export function ArchiveButton({ disabled, onArchive }: { disabled: boolean; onArchive(): void }) {
  const { t } = useI18n();
  return (
    <Button disabled={disabled} onClick={onArchive}>
      {t.requests.archive}
      <ShortcutHint of="archive" />
    </Button>
  );
}
