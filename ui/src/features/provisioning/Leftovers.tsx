/** What could not be taken away: what it is, why, where it is seen to by hand, and another try. */

import { ExternalLink } from "lucide-react";
import { useState } from "react";

import type { Problem, Resource, ResourceId, RunDetail } from "@/backend/bindings";
import { problemOf } from "@/backend/errors";
import { useCommand } from "@/backend/mutations";
import { Button, LinkButton } from "@/components/Button";
import { Icon } from "@/components/Icon";
import { OwnWords } from "@/components/OwnWords";
import { PROVIDER_TITLES } from "@/components/providers";
import { Question } from "@/components/Question";
import { StatusShape } from "@/components/StatusShape";
import { TickBox } from "@/components/TickBox";
import { ErrorDisplay } from "@/errors/ErrorDisplay";
import { present } from "@/errors/presentation";
import { useNextAction } from "@/errors/useNextAction";
import { useOpening } from "@/errors/useOpening";
import { useI18n } from "@/i18n/I18nProvider";

import { leftOf } from "./covered";
import { useHandled } from "./handled";
import type { Again } from "./RunActions";

/** Why a resource was left over: the newest word of the log, else the step's own. */
function whyLeft({ steps, events }: RunDetail, { step, name }: Resource): Problem | undefined {
  const told = events.findLast(({ what }) => what.type === "left_over" && what.name === name);
  if (told?.what.type === "left_over") return told.what.problem;
  return steps.find((one) => one.id === step)?.error;
}

/** Lets a leftover be, after the question: it was seen to by hand, or may stay. */
function LetGo({ run: { run }, resource }: { run: RunDetail; resource: Resource }) {
  const { t } = useI18n();
  const [asked, setAsked] = useState(false);
  const letGo = useCommand("run_let_go");
  const problem = problemOf(letGo.error);
  const close = () => setAsked(false);
  return (
    <>
      <Button small onClick={() => setAsked(true)}>
        {t.run.letGo}
      </Button>
      <Question
        open={asked}
        title={t.run.letGoTitle}
        text={t.run.letGoText(resource.name)}
        no={t.run.keepListed}
        yes={t.run.letGo}
        busy={letGo.isPending}
        onNo={close}
        onYes={() => letGo.mutate({ run: run.id, resource: resource.key }, { onSuccess: close })}
      >
        {problem !== undefined && <ErrorDisplay problem={problem} compact />}
      </Question>
    </>
  );
}

interface LeftoverProps {
  run: RunDetail;
  resource: Resource;
  done: boolean;
  onDone(done: boolean): void;
}

function Leftover({ run, resource, done, onDone }: LeftoverProps) {
  const { t, language } = useI18n();
  const openResource = useOpening("resource_open");
  const nextAction = useNextAction();
  const problem = whyLeft(run, resource);
  const shown = problem && present(problem, language);
  const deed = shown?.action && nextAction(shown.action);
  return (
    <li className="relative py-2 pr-3 pl-10 not-first:border-t not-first:border-border">
      <span className="absolute top-1.5 left-2">
        <TickBox label={t.run.tickOff(t.resource[resource.kind], resource.name)} checked={done} onChange={onDone} />
      </span>
      <p className={done ? "text-text-3 line-through" : "font-medium"}>{t.run.removeByHand(t.resource[resource.kind])}</p>
      <p className="mono wrap-anywhere text-text-2">{resource.name}</p>
      {shown !== undefined && (
        <p className="mt-1 text-caption text-text-2">
          {shown.title}. {shown.text}
          {problem?.code === "ambiguous" && ` ${t.run.letGoAmbiguous(PROVIDER_TITLES[resource.provider])}`}
          <OwnWords words={shown.words} />
        </p>
      )}
      {resource.url !== undefined && (
        <LinkButton
          className="mt-1"
          title={resource.url}
          onClick={() => openResource({ customer: resource.customer, resource: resource.key })}
        >
          {t.run.openAt(PROVIDER_TITLES[resource.provider])}
          <Icon of={ExternalLink} small />
        </LinkButton>
      )}
      <div className="mt-1.5 flex flex-wrap gap-2">
        {deed !== undefined && (
          <Button small onClick={deed.perform}>
            {deed.label}
          </Button>
        )}
        <LetGo run={run} resource={resource} />
      </div>
    </li>
  );
}

interface LeftoversProps {
  run: RunDetail;
  /** What goes with another leftover, and is not listed. */
  covered: ReadonlySet<ResourceId>;
  retry: Again | undefined;
}

export function Leftovers({ run, covered, retry }: LeftoversProps) {
  const { t } = useI18n();
  const left = leftOf(run).filter(({ key }) => !covered.has(key));
  const { handled, tick } = useHandled(run.run.id, left.length > 0);
  const allDone = left.every(({ key }) => handled.has(key));
  if (left.length === 0) return null;
  return (
    <section aria-label={t.run.leftovers} className="my-3 rounded-card border border-border bg-surface">
      <h3 className="flex items-center gap-2 border-b border-border px-3 py-2 font-medium">
        <StatusShape shape="needs" tone="warn" />
        {t.run.leftovers}
      </h3>
      <ul>
        {left.map((resource) => (
          <Leftover
            key={resource.key}
            run={run}
            resource={resource}
            done={handled.has(resource.key)}
            onDone={(done) => tick(resource.key, done)}
          />
        ))}
      </ul>
      {retry !== undefined && (
        <div className="border-t border-border px-3 py-2">
          {/* It looks before it removes: what was seen to by hand is then known to be gone. */}
          <Button small disabled={retry.busy} onClick={retry.perform}>
            {allDone ? t.run.lookAgain : retry.label}
          </Button>
        </div>
      )}
    </section>
  );
}
