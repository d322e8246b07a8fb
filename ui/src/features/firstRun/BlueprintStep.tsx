/** What a customer gets: one of the blueprints, each with its vendors, time and price. */

import type { BlueprintSummary, MonthlyPrice } from "@/backend/bindings";
import { ProviderGlyph } from "@/components/glyphs";
import { PROVIDER_TITLES } from "@/components/providers";
import { useI18n } from "@/i18n/I18nProvider";

import { ChoiceCard, ChoiceCards } from "./ChoiceCards";

function lowestPrice({ plans }: BlueprintSummary): MonthlyPrice | undefined {
  const prices = plans.flatMap(({ monthly_price }) => monthly_price ?? []);
  return prices.toSorted((one, other) => Number(one.amount) - Number(other.amount))[0];
}

/** Its first sentence: the rest is for who writes blueprints. */
function firstSentence(text: string): string {
  const end = text.indexOf(". ");
  return end < 0 ? text : text.slice(0, end + 1);
}

function Summary({ blueprint }: { blueprint: BlueprintSummary }) {
  const { t, language, format } = useI18n();
  const price = lowestPrice(blueprint);
  return (
    <>
      <span className="flex flex-wrap items-baseline gap-x-2">
        <span className="font-medium">{blueprint.title[language]}</span>
        <span className="mono text-text-3">{t.customer.version(blueprint.name, blueprint.version)}</span>
      </span>
      <span className="block text-text-2" title={blueprint.description[language]}>
        {firstSentence(blueprint.description[language])}
      </span>
      <span className="mt-2 flex flex-wrap items-center gap-x-4 gap-y-1 text-caption text-text-3">
        {blueprint.providers.map((provider) => (
          <span key={provider} className="inline-flex items-center gap-1.5">
            <ProviderGlyph provider={provider} small />
            {PROVIDER_TITLES[provider]}
          </span>
        ))}
        <span className="tabular-nums">{t.customers.about(format.duration(blueprint.expected_seconds))}</span>
        {price !== undefined && <span>{t.firstRun.priceFrom(format.money(price))}</span>}
      </span>
    </>
  );
}

interface BlueprintStepProps {
  blueprints: readonly BlueprintSummary[];
  chosen: string;
  onChoose(name: string): void;
}

export function BlueprintStep({ blueprints, chosen, onChoose }: BlueprintStepProps) {
  const { t } = useI18n();
  return (
    <ChoiceCards label={t.customers.blueprint} value={chosen} onChange={onChoose}>
      {blueprints.map((blueprint) => (
        <ChoiceCard key={blueprint.name} value={blueprint.name}>
          <Summary blueprint={blueprint} />
        </ChoiceCard>
      ))}
    </ChoiceCards>
  );
}
