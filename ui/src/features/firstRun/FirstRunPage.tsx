/** The guide of a first start: language, keyring, accounts, blueprint, first customer. In any order, and again. */

import type { ReactNode } from "react";

import type { BlueprintSummary, Overview } from "@/backend/bindings";
import { useBlueprints, useKeyringCheck, useOverview } from "@/backend/queries";
import { Skeleton, Waiting } from "@/components/layout";
import { Loaded } from "@/errors/Loaded";
import { useI18n } from "@/i18n/I18nProvider";

import { AccountsStep } from "./AccountsStep";
import { BlueprintStep } from "./BlueprintStep";
import { type GuideSearch, type GuideStep, stepBeside } from "./guide";
import { GuideFrame, type Outcome } from "./GuideFrame";
import { KeyringStep } from "./KeyringStep";
import { LanguageStep } from "./LanguageStep";

export interface FirstCustomerProps {
  blueprint: BlueprintSummary;
  /** Filled in with an example: nothing is made for real, and nobody is there yet. */
  example: boolean;
}

interface FirstRunPageProps {
  search: GuideSearch;
  onSearch(search: GuideSearch): void;
  onSkip(): void;
  /** The rows where real credentials are given. */
  credentials: ReactNode;
  firstCustomer(given: FirstCustomerProps): ReactNode;
}

function StepSkeleton() {
  return (
    <Waiting className="grid gap-3">
      <Skeleton className="h-24 rounded-card" />
      <Skeleton className="h-24 rounded-card" />
    </Waiting>
  );
}

function useOutcomes(overview: Overview | undefined, blueprint: string | undefined): Partial<Record<GuideStep, Outcome>> {
  const { t, language } = useI18n();
  const { data: keyring } = useKeyringCheck();
  return {
    language: { word: t.settings.languages[language] },
    keyring: keyring && { word: t.keyringState[keyring.state], look: keyring.state === "unlocked" ? undefined : { shape: "needs", tone: "warn" } },
    accounts: overview && { word: overview.sandbox ? t.frame.sandbox : overview.workspace },
    blueprint: blueprint === undefined ? undefined : { word: blueprint },
  };
}

export function FirstRunPage({ search, onSearch, onSkip, credentials, firstCustomer }: FirstRunPageProps) {
  const { t } = useI18n();
  const { data: overview } = useOverview();
  const query = useBlueprints();
  const step = search.step ?? "language";
  const chosen = query.data?.find(({ name }) => name === search.blueprint) ?? query.data?.[0];
  const outcomes = useOutcomes(overview, chosen?.name);
  const sandbox = overview?.sandbox ?? true;
  const go = (to: GuideStep | undefined) => to !== undefined && onSearch({ ...search, step: to });
  const after = stepBeside(step, 1);
  const providers = [...new Set(query.data?.flatMap((one) => one.providers))];

  const bodies: Record<GuideStep, ReactNode> = {
    language: <LanguageStep />,
    keyring: <KeyringStep sandbox={sandbox} />,
    accounts: (
      <Loaded query={query} skeleton={<StepSkeleton />}>
        {() => <AccountsStep sandbox={sandbox} providers={providers} credentials={credentials} onNext={() => go(after)} />}
      </Loaded>
    ),
    blueprint: (
      <Loaded query={query} skeleton={<StepSkeleton />}>
        {(blueprints) => (
          <BlueprintStep
            blueprints={blueprints}
            chosen={chosen?.name ?? ""}
            onChoose={(blueprint) => onSearch({ ...search, blueprint })}
          />
        )}
      </Loaded>
    ),
    customer: (
      <Loaded query={query} skeleton={<StepSkeleton />}>
        {() => chosen !== undefined && firstCustomer({ blueprint: chosen, example: sandbox && overview?.customers === 0 })}
      </Loaded>
    ),
  };
  const { title, text } = step === "accounts" && !sandbox ? t.firstRun.heads.liveAccounts : t.firstRun.heads[step];
  return (
    <GuideFrame
      step={step}
      outcomes={outcomes}
      onStep={go}
      title={title}
      text={text}
      onSkip={onSkip}
      // The sandbox's own button is the filled one on its step.
      next={after && { label: t.firstRun.next(t.firstRun.titles[after]), primary: !(step === "accounts" && sandbox) }}
    >
      {bodies[step]}
    </GuideFrame>
  );
}
