/** The quiet mark that there is a new version, on the way to where it is installed. */

import { useUpdates } from "@/backend/queries";
import { useI18n } from "@/i18n/I18nProvider";

import { StatusShape } from "./StatusShape";

export function UpdateMark() {
  const { t } = useI18n();
  const { data } = useUpdates();
  if (data?.state !== "found") return null;
  return (
    <span className="ml-auto max-narrow:ml-0 group-data-folded:ml-0" title={t.updates.found(data.version)}>
      <StatusShape shape="new" tone="info" size={12} />
      <span className="sr-only">{t.updates.found(data.version)}</span>
    </span>
  );
}
