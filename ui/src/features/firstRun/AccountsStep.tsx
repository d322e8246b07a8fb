/** Where things are made: the sandbox first; real accounts when one wants. */

import { Link } from "@tanstack/react-router";
import { Box, Check } from "lucide-react";
import type { ReactNode } from "react";

import type { Provider } from "@/backend/bindings";
import { Button, buttonClass } from "@/components/Button";
import { ProviderTile } from "@/components/glyphs";
import { Icon } from "@/components/Icon";
import { Kbd } from "@/components/Kbd";
import { PROVIDER_TITLES } from "@/components/providers";
import { useI18n } from "@/i18n/I18nProvider";

interface AccountsStepProps {
  sandbox: boolean;
  /** The vendors of the blueprints, in the order in which they are shown. */
  providers: readonly Provider[];
  /** The rows where real credentials are given. */
  credentials: ReactNode;
  onNext(): void;
}

function SandboxCard({ onNext, providers }: Pick<AccountsStepProps, "onNext" | "providers">) {
  const { t, format } = useI18n();
  return (
    <section className="flex flex-wrap items-center gap-4 rounded-card border-2 border-accent p-5">
      <span className="grid size-10 flex-none place-items-center self-start rounded-card border border-dashed border-border-strong text-text-2">
        <Icon of={Box} />
      </span>
      <div className="min-w-64 flex-1">
        <h2 className="text-heading font-semibold">{t.firstRun.sandbox}</h2>
        <p className="text-text-2">{t.firstRun.sandboxText(format.list(providers.map((one) => PROVIDER_TITLES[one])))}</p>
        <ul className="mt-2 flex flex-wrap gap-x-5 gap-y-1 text-text-2">
          {[t.firstRun.noAccounts, t.firstRun.noCost, t.firstRun.quick].map((word) => (
            <li key={word} className="flex items-center gap-2">
              <Icon of={Check} small className="text-ok" />
              {word}
            </li>
          ))}
        </ul>
      </div>
      <Button kind="primary" data-guide-first onClick={onNext}>
        {t.firstRun.useSandbox}
        <Kbd>↵</Kbd>
      </Button>
    </section>
  );
}

/** In the sandbox real credentials can't be given: what each account will be for, that none is needed, and where they are. */
function LaterAccounts({ providers }: Pick<AccountsStepProps, "providers">) {
  const { t } = useI18n();
  return (
    <section aria-label={t.firstRun.realLater} className="mt-6">
      <h2 className="mb-2 text-heading font-semibold">{t.firstRun.realLater}</h2>
      <ul className="rounded-card border border-border px-3">
        {providers.map((provider) => (
          <li key={provider} className="flex items-center gap-3 py-2 not-first:border-t not-first:border-border">
            <ProviderTile provider={provider} />
            <span className="w-24 flex-none font-medium">{PROVIDER_TITLES[provider]}</span>
            <span className="min-w-0 flex-1 text-text-2">{t.credentials.uses[provider]}</span>
          </li>
        ))}
      </ul>
      <div className="mt-3 flex flex-wrap items-center gap-x-2 gap-y-1">
        <Link to="/settings/$page" params={{ page: "workspaces" }} className={buttonClass({})}>
          {t.firstRun.realWorkspace}
        </Link>
        <span className="text-caption text-text-3">{t.firstRun.realHow}</span>
      </div>
    </section>
  );
}

export function AccountsStep({ sandbox, providers, credentials, onNext }: AccountsStepProps) {
  const { t } = useI18n();
  if (!sandbox) {
    return (
      <>
        {credentials}
        <p className="mt-3 text-caption text-text-3">
          {t.firstRun.sandboxHow}{" "}
          <Link to="/settings/$page" params={{ page: "workspaces" }} className="rounded-chip text-accent underline">
            {t.settings.pages.workspaces}
          </Link>
        </p>
      </>
    );
  }
  return (
    <>
      <SandboxCard providers={providers} onNext={onNext} />
      <LaterAccounts providers={providers} />
    </>
  );
}
