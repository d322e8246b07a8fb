/** The workspace's settings, by what they are about: the vendors', and those of domains and e-mail. */

import type { Provider, SettingView } from "@/backend/bindings";
import { useOverview, useSettings } from "@/backend/queries";
import { ProviderGlyph } from "@/components/glyphs";
import { Skeleton, Waiting } from "@/components/layout";
import { PROVIDER_TITLES } from "@/components/providers";
import { Loaded } from "@/errors/Loaded";
import { isOfMail } from "@/errors/presentation";
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

const isProvider = (word: string): word is Provider => word in PROVIDER_TITLES;

function Groups({ mail }: { mail: boolean }) {
  const { t } = useI18n();
  const query = useSettings();
  const titles: Partial<Record<string, string>> = t.settings.groups;
  return (
    <Loaded query={query} skeleton={<Waiting><Skeleton className="h-9" /></Waiting>}>
      {(settings) => (
        <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
          {[...grouped(settings.filter((setting) => isOfMail(setting.key) === mail))].map(([group, list]) => (
            <section key={group} aria-label={titles[group] ?? group}>
              <h3 className="mb-2 flex items-center gap-2 text-heading font-semibold">
                {isProvider(group) && <ProviderGlyph provider={group} className="text-text-2" />}
                {titles[group] ?? group}
              </h3>
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
  );
}

export function ProvidersPage() {
  const { t } = useI18n();
  const { data: overview } = useOverview();
  return (
    <>
      <PageHead
        title={t.settings.pages.providers}
        text={overview && t.settings.providersText(overview.sandbox ? t.frame.sandbox : overview.workspace)}
      />
      <Groups mail={false} />
    </>
  );
}

export function MailPage() {
  const { t } = useI18n();
  return (
    <>
      <PageHead title={t.settings.pages.mail} text={t.mailAndDomains.text} />
      <Groups mail />
    </>
  );
}
