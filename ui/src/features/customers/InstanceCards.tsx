/** What there is at each vendor: a card each, and a failing one leaves the others alone. */

import { useNavigate } from "@tanstack/react-router";
import { ExternalLink } from "lucide-react";
import type { ReactNode } from "react";

import type { CustomerId, Fact, InstanceCard, Provider, Resource, Run } from "@/backend/bindings";
import { Button } from "@/components/Button";
import { classes } from "@/components/classes";
import { CopyField } from "@/components/CopyField";
import { ProviderTile } from "@/components/glyphs";
import { Icon } from "@/components/Icon";
import { PROVIDER_TITLES } from "@/components/providers";
import { MARK_LOOK, Status } from "@/components/states";
import { ErrorDisplay } from "@/errors/ErrorDisplay";
import { useOpening } from "@/errors/useOpening";
import { useI18n } from "@/i18n/I18nProvider";

function useFactValue() {
  const { t, format } = useI18n();
  return ({ label, value }: Fact): string => {
    if (label === "created_at" || label === "deployment") return format.moment(value, Date.now());
    if (label === "recovery_days") return t.customer.recovery(Number(value));
    if (label === "origin") return value === "created" || value === "adopted" ? t.origin[value] : value;
    return value;
  };
}

interface CardProps {
  card: InstanceCard;
  customer: CustomerId;
  /** The resource whose page the card opens. */
  main: Resource | undefined;
  /** When the last run saw that it works: since then nobody has looked. */
  known: string | undefined;
  /** The newest run took the instance away: what isn't there was. */
  removed: boolean;
  /** The run that came upon the card's problem. */
  run: Run | undefined;
  /** What there is to do about what isn't there. */
  children?: ReactNode;
}

function Card({ card, customer, main, known, removed, run, children }: CardProps) {
  const { t, format } = useI18n();
  const factValue = useFactValue();
  const navigate = useNavigate();
  const openResource = useOpening("resource_open");
  const title = PROVIDER_TITLES[card.provider];
  const absent = card.state === "absent";
  const look = MARK_LOOK[card.state];
  const word = absent ? (removed ? t.resourceGone : t.stepState.pending) : t.mark[card.state];
  // The section's head says so to all; the hint says it of this one.
  const byWhat = known === undefined ? t.healthyByRecord : t.liveByRun(format.moment(known, Date.now()));
  const because = card.state === "live" ? byWhat : undefined;
  return (
    <article className="flex min-w-0 flex-col rounded-card border border-border bg-surface p-3">
      <header className="mb-2 flex items-center gap-2">
        <ProviderTile provider={card.provider} faded={absent} />
        <span className="min-w-0 flex-1">
          <h4 className="truncate leading-4 font-medium">{title}</h4>
          <span className="line-clamp-2 text-caption [overflow-wrap:anywhere] text-text-3" title={card.name}>
            {card.name ?? (absent && !removed ? t.customer.willBeMade : undefined)}
          </span>
        </span>
        {main !== undefined && (
          <Button
            kind="ghost"
            small
            icon
            aria-label={t.common.openIn(title)}
            title={t.common.openIn(title)}
            onClick={() => openResource({ customer, resource: main.key })}
          >
            <Icon of={ExternalLink} small />
          </Button>
        )}
      </header>
      <span title={because} className="w-fit">
        <Status look={look} word={word} />
      </span>
      {card.problem !== undefined && (
        <div className="mt-1.5 mb-2">
          <ErrorDisplay
            problem={card.problem}
            compact
            quiet
            here="open_run"
            actions={
              run !== undefined && (
                <Button small onClick={() => void navigate({ to: "/runs/$run", params: { run: run.id } })}>
                  {t.customer.showRun}
                </Button>
              )
            }
          />
        </div>
      )}
      <dl className={classes("mt-1.5 mb-2 grid grid-cols-[minmax(0,1fr)] gap-y-0.5 text-mono", absent && "text-text-3")}>
        {card.problem === undefined && card.facts.map((fact) => (
          <div key={fact.label} className="flex gap-3">
            <dt className="flex-none text-text-3">{t.fact[fact.label]}</dt>
            <dd className="line-clamp-2 min-w-0 grow text-right [overflow-wrap:anywhere]" title={factValue(fact)}>
              {factValue(fact)}
            </dd>
          </div>
        ))}
      </dl>
      {card.copy !== undefined && <CopyField wraps text={card.copy} className="mt-auto" />}
      {children}
    </article>
  );
}

/** The first made resource of a vendor that has a page. */
function mainOf(resources: readonly Resource[], provider: Provider): Resource | undefined {
  return resources.findLast(
    (resource) => resource.provider === provider && resource.url !== undefined && resource.state === "live",
  );
}

/** As wide as a name or an address of the usual length. Four stand two by two where a row has no room for them all: none is left alone. */
const GRID: Partial<Record<number, string>> = { 4: "@min-[692px]:grid-cols-2 @min-[1396px]:grid-cols-4" };

interface InstanceCardsProps {
  cards: readonly InstanceCard[];
  resources: readonly Resource[];
  /** When the last run saw that what lives works. */
  known: string | undefined;
  newest: Run | undefined;
  customer: CustomerId;
  /** Makes the repository, where there is none and the blueprint has one. */
  repository?: { busy: boolean; make(): void };
}

export function InstanceCards({ cards, resources, known, newest, customer, repository }: InstanceCardsProps) {
  const { t } = useI18n();
  const removed = newest?.purpose === "deprovision" && newest.state === "succeeded";
  return (
    <section aria-label={t.customer.instance} className="@container mb-5">
      <div className={classes("grid gap-3", GRID[cards.length] ?? "grid-cols-[repeat(auto-fill,minmax(min(340px,100%),1fr))]")}>
        {cards.map((card) => (
          <Card key={card.provider} card={card} customer={customer} main={mainOf(resources, card.provider)} known={known} removed={removed} run={newest}>
            {card.provider === "github" && repository !== undefined && (
              <span className="mt-auto">
                <Button small disabled={repository.busy} title={t.customer.createRepositoryText} onClick={repository.make}>
                  {repository.busy ? t.customers.provisioning : t.customer.createRepository}
                </Button>
              </span>
            )}
          </Card>
        ))}
      </div>
    </section>
  );
}
