/** The keys, and the switch for those that are one letter alone (WCAG 2.1.4). */

import { Checkbox } from "@/components/Checkbox";
import { useI18n } from "@/i18n/I18nProvider";
import { ShortcutTable } from "@/shell/ShortcutHelp";
import { useShortcuts } from "@/shell/ShortcutProvider";

import { PageHead } from "./SettingsFrame";

export function ShortcutsPage() {
  const { t } = useI18n();
  const { singleKeys, setSingleKeys } = useShortcuts();
  return (
    <>
      <PageHead title={t.settings.pages.shortcuts} />
      <div className="mb-5">
        <Checkbox label={t.settings.singleKeys} checked={singleKeys} onChange={setSingleKeys} />
        <p className="ml-5.5 text-caption text-text-3">{t.settings.singleKeysText}</p>
      </div>
      <ShortcutTable />
    </>
  );
}
