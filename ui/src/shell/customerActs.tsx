/** What can be done with a customer from anywhere. */

import { useNavigate } from "@tanstack/react-router";
import { ArrowRight, ExternalLink, ListChecks, Play } from "lucide-react";
import type { ReactNode } from "react";

import type { CustomerId, CustomerRow, LinkTarget, Provider } from "@/backend/bindings";
import type { CustomerAct } from "@/components/customerAct";
import { ProviderGlyph } from "@/components/glyphs";
import { Icon } from "@/components/Icon";
import { isUnprovisioned } from "@/components/states";
import { useOpening } from "@/errors/useOpening";
import { useI18n } from "@/i18n/I18nProvider";

export interface PaletteAct {
  id: "open" | CustomerAct | LinkTarget;
  icon: ReactNode;
  label: string;
  /** With the customer's name, where nothing else says whose it is. */
  named: string;
  act(): void;
}

/** Whose page a link leads to; none where it is the customer's own. */
const VENDORS: Partial<Record<LinkTarget, Provider>> = { github: "github", supabase: "supabase", vercel: "vercel" };

/** The acts of a customer, the pages among them that are given; and what they are called, whoever the customer is. */
export function useCustomerActs() {
  const { t } = useI18n();
  const navigate = useNavigate();
  const openLink = useOpening("link_open");
  const quiet = "text-text-3";
  // The customer's page does it: what is in the way, the plan and the choices are shown there.
  const lead = (customer: CustomerId, act?: CustomerAct) => () =>
    void navigate({ to: "/customers/$customer", params: { customer }, state: act === undefined ? {} : { act } });
  return {
    labels: [t.palette.open, t.customers.provision, t.plan.show, ...Object.values(t.customer.open)],
    actsOf: (row: CustomerRow, targets: readonly LinkTarget[]): PaletteAct[] => [
      { id: "open", icon: <Icon of={ArrowRight} className={quiet} />, label: t.palette.open, named: t.palette.openCustomer(row.name), act: lead(row.id) },
      ...(isUnprovisioned(row)
        ? [
            {
              id: "provision" as const,
              icon: <Icon of={Play} className={quiet} />,
              label: t.customers.provision,
              named: t.bulk.provision(row.name),
              act: lead(row.id, "provision"),
            },
          ]
        : []),
      {
        id: "plan",
        icon: <Icon of={ListChecks} className={quiet} />,
        label: t.plan.show,
        named: t.palette.actFor(t.plan.show, row.name),
        act: lead(row.id, "plan"),
      },
      ...targets.map((target): PaletteAct => {
        const vendor = VENDORS[target];
        return {
          id: target,
          icon: vendor === undefined ? <Icon of={ExternalLink} className={quiet} /> : <ProviderGlyph provider={vendor} />,
          label: t.customer.open[target],
          named: t.palette.actFor(t.customer.open[target], row.name),
          act: () => openLink({ customer: row.id, target }),
        };
      }),
    ],
  };
}
