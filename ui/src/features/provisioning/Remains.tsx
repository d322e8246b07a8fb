/** What is still there after an instance was removed, and why: the last word on a removal. */

import type { CustomerId, PlannedRemoval } from "@/backend/bindings";
import { useRemovalPlan } from "@/backend/queries";
import { StatusShape } from "@/components/StatusShape";
import { useI18n } from "@/i18n/I18nProvider";

export function Remains({ customer }: { customer: CustomerId }) {
  const { t } = useI18n();
  const { data: plan } = useRemovalPlan(customer);
  if (plan === undefined) return null;
  const staying = plan.resources.filter(({ fate }) => fate === "adopted" || fate === "sent" || fate === "stays");
  const why = ({ fate }: PlannedRemoval) => (fate === "sent" ? t.removal.sent : fate === "stays" ? t.removal.inPlace : t.removal.adopted);
  return (
    <section aria-label={t.removal.remains} className="pt-4">
      <h3 className="mb-1 font-medium">{t.removal.remains}</h3>
      {staying.length + plan.shared.length === 0 ? (
        <p className="text-text-2">{t.removal.nothingRemains}</p>
      ) : (
        <ul>
          {staying.map((one) => (
            <li key={one.resource.key} className="grid grid-cols-[16px_minmax(0,1fr)] gap-x-2 border-b border-border py-2 last:border-b-0">
              <StatusShape shape="skip" tone="idle" className="mt-[3px]" />
              <span className="min-w-0">
                <span className="block text-caption leading-[18px] text-text-3">{`${t.resource[one.resource.kind]}, ${why(one)}`}</span>
                <span className="mono block truncate" title={one.resource.name}>
                  {one.resource.name}
                </span>
              </span>
            </li>
          ))}
          {plan.shared.map((name) => (
            <li key={name} className="grid grid-cols-[16px_minmax(0,1fr)] gap-x-2 border-b border-border py-2 last:border-b-0">
              <StatusShape shape="skip" tone="idle" className="mt-[3px]" />
              <span className="min-w-0">
                <span className="block text-caption leading-[18px] text-text-3">{`${t.removal.sharedOne}, ${t.removal.shared}`}</span>
                <span className="mono block truncate" title={name}>
                  {name}
                </span>
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
