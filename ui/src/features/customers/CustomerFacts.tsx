/** The rail of facts about a customer. */

import type { ReactNode } from "react";

import type { CustomerDetail } from "@/backend/bindings";
import { Chip } from "@/components/layout";
import { useNow } from "@/components/useNow";
import { useI18n } from "@/i18n/I18nProvider";

const MINUTE_MS = 60_000;

/** Two to a line, or alone on one. */
function Fact({ label, alone, children }: { label: string; alone?: boolean; children: ReactNode }) {
  return (
    <div className={alone ? "col-span-2 min-w-0" : "min-w-0"}>
      <dt className="mb-0.5 text-caption text-text-3">{label}</dt>
      {children}
    </div>
  );
}

export function CustomerFacts({ detail }: { detail: CustomerDetail }) {
  const { t, language, format } = useI18n();
  const now = useNow(MINUTE_MS);
  const { row, blueprint } = detail;
  const plan = blueprint?.plans.find((one) => one.name === row.plan)?.title[language] ?? row.plan;
  return (
    <aside
      aria-label={t.customer.facts}
      // Nothing in it takes the focus: it does so itself, to be scrolled by key in a low window.
      tabIndex={0}
      data-inset-focus
      className="border-t border-border bg-canvas px-6 py-5 wide:overflow-y-auto wide:border-t-0 wide:border-l"
    >
      <dl className="grid grid-cols-2 gap-3">
        <Fact alone label={t.customer.contact}>
          {row.contact_name !== undefined && <dd className="font-medium">{row.contact_name}</dd>}
          <dd className="wrap-anywhere text-text-2">{row.contact_email}</dd>
        </Fact>
        <Fact label={t.customer.blueprint}>
          <dd>{blueprint === undefined ? row.blueprint : t.customer.version(blueprint.name, blueprint.version)}</dd>
        </Fact>
        <Fact label={t.customer.plan}>
          <dd>{plan}</dd>
        </Fact>
        <Fact label={t.customer.cost}>
          <dd>{row.monthly_price === undefined ? t.common.unknown : format.money(row.monthly_price)}</dd>
        </Fact>
        <Fact label={t.customer.credits}>
          <dd>{format.number(row.credits)}</dd>
        </Fact>
        <Fact label={t.customer.created}>
          <dd title={format.day(row.created_at)}>{format.date(row.created_at)}</dd>
        </Fact>
        <Fact label={t.customer.updated}>
          <dd title={format.day(row.updated_at)}>{format.relative(row.updated_at, now)}</dd>
        </Fact>
        <Fact alone label={t.customer.modules}>
          <dd className="mt-1 flex flex-wrap gap-1">
            {row.modules.length === 0 ? t.common.none : row.modules.map((module) => <Chip key={module}>{t.modules[module] ?? module}</Chip>)}
          </dd>
        </Fact>
        <Fact alone label={t.customer.mailLanguage}>
          <dd>{t.settings.languages[row.language]}</dd>
        </Fact>
        <Fact alone label={t.customer.subdomain}>
          <dd className="mono wrap-anywhere">{row.subdomain}</dd>
        </Fact>
        {row.supabase_project_ref !== undefined && (
          <Fact alone label={t.customer.projectRef}>
            <dd className="mono wrap-anywhere">{row.supabase_project_ref}</dd>
          </Fact>
        )}
        {row.external_id !== undefined && (
          <Fact alone label={t.customer.externalId}>
            <dd className="mono wrap-anywhere">{row.external_id}</dd>
          </Fact>
        )}
        {row.database_url !== undefined && (
          <Fact alone label={t.customer.databaseUrl}>
            <dd className="text-text-2">{t.customer.databaseUrlKept}</dd>
          </Fact>
        )}
      </dl>
    </aside>
  );
}
