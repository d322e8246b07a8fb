/** A plan or modules that the instance does not have yet, or not throughout: what brings the change to it. */

import type { CustomerDetail } from "@/backend/bindings";
import { Button } from "@/components/Button";
import { StatusShape } from "@/components/StatusShape";
import { useI18n } from "@/i18n/I18nProvider";

import type { Provisioning } from "./useProvision";

export function PendingChanges({ detail, provisioning }: { detail: CustomerDetail; provisioning: Provisioning }) {
  const { t } = useI18n();
  const { row, modules_changed: modules, plan_changed: plan } = detail;
  if (!(modules || plan) || row.state === "setting_up") return null;
  const words = t.pendingChanges;
  const title = plan ? (modules ? words.bothTitle : words.planTitle) : words.modulesTitle;
  return (
    <section aria-label={title} className="mb-5 rounded-card border border-border p-3">
      <header className="flex flex-wrap items-center gap-2">
        <StatusShape shape="defer" tone="idle" />
        <h2 className="font-medium">{title}</h2>
        <span className="ml-auto flex gap-2">
          <Button small onClick={() => provisioning.showPlan(row)}>
            {t.plan.show}
          </Button>
          <Button small kind="primary" disabled={provisioning.busy !== undefined} onClick={() => provisioning.start(row)}>
            {provisioning.busy === undefined ? words.apply : t.customers.provisioning}
          </Button>
        </span>
      </header>
      <p className="mt-1 text-text-2">{plan ? words.planText : words.modulesText}</p>
    </section>
  );
}
