/** The first thing to do with a customer: open its instance, or make it. */

import { Link } from "@tanstack/react-router";
import { ExternalLink, Play } from "lucide-react";

import type { CustomerDetail, LinkTarget, Provider } from "@/backend/bindings";
import { problemOf } from "@/backend/errors";
import { useCommand } from "@/backend/mutations";
import { Button, buttonClass } from "@/components/Button";
import { ProviderGlyph } from "@/components/glyphs";
import { Icon } from "@/components/Icon";
import { isUnprovisioned } from "@/components/states";
import { ErrorDisplay } from "@/errors/ErrorDisplay";
import { useI18n } from "@/i18n/I18nProvider";

import { OnFailureChoice } from "./OnFailureChoice";
import type { Provisioning } from "./useProvision";

const VENDOR_OF: Partial<Record<LinkTarget, Provider>> = { github: "github", supabase: "supabase", vercel: "vercel" };

export function QuickLinks({ detail, provisioning }: { detail: CustomerDetail; provisioning: Provisioning }) {
  const { t, format } = useI18n();
  const openLink = useCommand("link_open");
  const { row, links } = detail;
  const problem = problemOf(openLink.error);
  const run = row.last_run;
  const fresh = isUnprovisioned(row);
  const goesOn = run !== undefined && !fresh && (row.state === "setting_up" || row.state === "needs_you" || row.state === "stopped");
  return (
    <>
      <div className="mb-5 flex flex-wrap items-center gap-2">
        {fresh && (
          <>
            <Button kind="primary" disabled={provisioning.busy !== undefined} onClick={() => provisioning.start(row)}>
              <Icon of={Play} small />
              {provisioning.busy === undefined ? t.customers.provision : t.customers.provisioning}
            </Button>
            <Button onClick={() => provisioning.showPlan(row)}>{t.plan.show}</Button>
            {row.expected_seconds >= 1 && <span className="text-text-3">{t.customers.about(format.duration(row.expected_seconds))}</span>}
            <OnFailureChoice />
          </>
        )}
        {goesOn && (
          <Link to="/runs/$run" params={{ run: run.id }} className={buttonClass({ kind: "primary" })}>
            {t.customer.showRun}
          </Link>
        )}
        {links.map(({ target, url }) => {
          const vendor = VENDOR_OF[target];
          const first = target === "production" && !goesOn && !fresh;
          return (
            <Button
              key={target}
              kind={first ? "primary" : "plain"}
              title={url}
              onClick={() => openLink.mutate({ customer: row.id, target })}
            >
              {vendor !== undefined && <ProviderGlyph provider={vendor} small />}
              {t.customer.open[target]}
              {vendor === undefined && <Icon of={ExternalLink} small />}
            </Button>
          );
        })}
      </div>
      {problem !== undefined && (
        <div className="mb-5">
          <ErrorDisplay problem={problem} />
        </div>
      )}
    </>
  );
}
