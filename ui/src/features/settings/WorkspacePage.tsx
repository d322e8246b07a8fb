/** The workspace's settings, by what they are about. */

import type { SettingView } from "@/backend/bindings";
import { useOverview, useSettings } from "@/backend/queries";
import { Skeleton } from "@/components/layout";
import { Loaded } from "@/errors/Loaded";
import { useI18n } from "@/i18n/I18nProvider";

import { SettingRow } from "./SettingRow";
import { PageHead } from "./SettingsFrame";

/** By the first word of their keys. */
function grouped(settings: readonly SettingView[]): Map<string, SettingView[]> {
  const groups = new Map<string, SettingView[]>();
  for (const setting of settings) {
    const group = setting.key.split(".", 1)[0] ?? setting.key;
    groups.set(group, [...(groups.get(group) ?? []), setting]);
  }
  return groups;
}

export function WorkspacePage() {
  const { t } = useI18n();
  const query = useSettings();
  const { data: overview } = useOverview();
  const titles: Partial<Record<string, string>> = t.settings.groups;
  return (
    <>
      <PageHead
        title={t.settings.pages.workspace}
        text={overview && t.settings.workspaceText(overview.sandbox ? t.frame.sandbox : overview.workspace)}
      />
      <Loaded query={query} skeleton={<Skeleton className="h-9" />}>
        {(settings) => (
          <div className="grid gap-5">
            {[...grouped(settings)].map(([group, list]) => (
              <section key={group} aria-label={titles[group] ?? group}>
                <h3 className="mb-2 text-heading font-semibold">{titles[group] ?? group}</h3>
                <ul className="rounded-card border border-border">
                  {list.map((setting) => (
                    <SettingRow key={setting.key} setting={setting} />
                  ))}
                </ul>
              </section>
            ))}
          </div>
        )}
      </Loaded>
    </>
  );
}
