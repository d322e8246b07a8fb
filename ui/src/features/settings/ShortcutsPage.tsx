/** The keys, and the switch for those that are one letter alone. */

import { useI18n } from "@/i18n/I18nProvider";
import { ShortcutTable } from "@/shell/ShortcutHelp";

import { PageHead } from "./SettingsFrame";
import { SingleKeys } from "./SingleKeys";

export function ShortcutsPage() {
  const { t } = useI18n();
  return (
    <>
      <PageHead title={t.settings.pages.shortcuts} />
      <div className="mb-5">
        <SingleKeys />
      </div>
      <ShortcutTable />
    </>
  );
}
