/** The switch for shortcuts that are one letter alone (WCAG 2.1.4). */

import { Checkbox } from "@/components/Checkbox";
import { useI18n } from "@/i18n/I18nProvider";
import { useShortcuts } from "@/shell/ShortcutProvider";

export function SingleKeys() {
  const { t } = useI18n();
  const { singleKeys, setSingleKeys } = useShortcuts();
  return (
    <div>
      <Checkbox label={t.settings.singleKeys} checked={singleKeys} onChange={setSingleKeys} />
      <p className="ml-5.5 text-caption text-text-3">{t.settings.singleKeysText}</p>
    </div>
  );
}
