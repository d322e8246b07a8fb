/** The guide's frame: the steps on the left, one of them in the middle, the way on and back below. */

import { type ReactNode, useEffect, useRef } from "react";

import { Button } from "@/components/Button";
import { classes } from "@/components/classes";
import { FabrikGlyph } from "@/components/glyphs";
import { LanguageMenu } from "@/components/LanguageMenu";
import { Skeleton, Waiting } from "@/components/layout";
import type { Look } from "@/components/states";
import { StatusShape } from "@/components/StatusShape";
import { useI18n } from "@/i18n/I18nProvider";

import { type GuideStep, STEPS, stepBeside } from "./guide";

/** What was chosen or found in a step, and how that stands where it is not simply done. */
export interface Outcome {
  word: string;
  look?: Look;
}

interface StepListProps {
  step: GuideStep;
  outcomes: Partial<Record<GuideStep, Outcome>>;
  onStep(step: GuideStep): void;
}

function StepList({ step, outcomes, onStep }: StepListProps) {
  const { t } = useI18n();
  const here = STEPS.indexOf(step);
  return (
    <ol aria-label={t.firstRun.steps} className="grid gap-1">
      {STEPS.map((one, place) => (
        <li key={one}>
          <button
            type="button"
            aria-current={place === here ? "step" : undefined}
            onClick={() => onStep(one)}
            className={classes(
              "flex h-9 w-full items-center gap-2 rounded-control px-2 text-left transition-colors duration-100 hover:bg-hover aria-[current=step]:bg-hover [--hole:var(--canvas)]",
              place > here && "text-text-2",
            )}
          >
            {place < here ? (
              <StatusShape {...(outcomes[one]?.look ?? { shape: "done", tone: "ok" })} />
            ) : (
              <StatusShape shape={place === here ? "ok" : "wait"} tone={place === here ? "info" : "idle"} />
            )}
            <span className="flex-none">{t.firstRun.names(place + 1, t.firstRun.titles[one])}</span>
            <span className="ml-auto truncate pl-2 text-caption text-text-3">{place < here && outcomes[one]?.word}</span>
          </button>
        </li>
      ))}
    </ol>
  );
}

/** The steps, and the one of them that is gone through. */
const COLUMNS = "grid grid-cols-[220px_minmax(0,1fr)] max-narrow:grid-cols-[minmax(0,1fr)]";
const PAGE = "mx-auto w-full max-w-[768px] px-6 pt-14 pb-8 low:pt-6 low:pb-5";

/** Until it is known whether the guide is what comes. */
export function GuideSkeleton() {
  return (
    <div className={`h-full ${COLUMNS}`}>
      <div className="border-r border-border px-4 pt-22 max-narrow:hidden">
        {STEPS.map((step) => (
          <div key={step} className="flex h-10 items-center">
            <Skeleton className="w-4/5" />
          </div>
        ))}
      </div>
      <main id="content" className="bg-surface">
        <Waiting className={PAGE}>
          <Skeleton className="h-5 w-2/5" />
          <Skeleton className="mt-4 mb-8 w-3/5" />
          <Skeleton className="h-40" />
        </Waiting>
      </main>
    </div>
  );
}

interface GuideFrameProps extends StepListProps {
  title: string;
  text: string;
  onSkip(): void;
  /** What leads on, where a press here does; the step itself may have a better one. */
  next?: { label: string; primary: boolean };
  children: ReactNode;
}

export function GuideFrame({ step, outcomes, onStep, title, text, onSkip, next, children }: GuideFrameProps) {
  const { t } = useI18n();
  const place = STEPS.indexOf(step) + 1;
  const before = stepBeside(step, -1);
  const after = stepBeside(step, 1);
  const page = useRef<HTMLDivElement>(null);
  useEffect(() => {
    document.title = `${title} – ${t.frame.product}`;
  }, [title, t]);
  // Enter leads on: the step's first field has the focus once it is there, else what is filled.
  const focused = useRef<GuideStep>(undefined);
  useEffect(() => {
    const first = page.current?.querySelector<HTMLElement>("[data-guide-first], form input:not([hidden])");
    if (focused.current === step || first === null || first === undefined) return;
    first.focus();
    focused.current = step;
  });
  return (
    <div ref={page} className={`min-h-0 flex-1 ${COLUMNS}`}>
      <aside className="flex min-h-0 flex-col overflow-y-auto border-r border-border px-2 pb-3 max-narrow:hidden">
        <div className="flex h-12 flex-none items-center gap-2 px-2 text-heading font-semibold">
          <FabrikGlyph className="text-accent" />
          {t.frame.product}
        </div>
        <p className="px-2 pb-2 text-caption text-text-3">{t.firstRun.place(place, STEPS.length)}</p>
        <StepList step={step} outcomes={outcomes} onStep={onStep} />
        <div className="mt-auto grid gap-2 pt-4">
          <LanguageMenu className="flex h-7 w-full items-center gap-2 rounded-control px-2 text-text-2 hover:bg-hover hover:text-text" />
          <p className="px-2 text-caption text-text-3">{t.firstRun.later}</p>
        </div>
      </aside>
      <main id="content" className="flex min-h-0 min-w-0 flex-col bg-surface">
        <div className="tells-more min-h-0 flex-1 overflow-y-auto">
          <div className={PAGE}>
            <p className="mb-1 text-caption text-text-3 narrow:sr-only" role="status">
              {`${t.firstRun.place(place, STEPS.length)}: ${t.firstRun.titles[step]}`}
            </p>
            <h1 className="text-title font-semibold">{title}</h1>
            <p className="mt-1 mb-6 text-text-2 low:mb-4">{text}</p>
            {children}
          </div>
        </div>
        <footer className="flex h-14 flex-none items-center gap-2 border-t border-border px-6">
          {before !== undefined && <Button onClick={() => onStep(before)}>{t.firstRun.back}</Button>}
          <span className="flex-1" />
          <Button kind="ghost" onClick={onSkip}>
            {t.firstRun.skip}
          </Button>
          {next !== undefined && after !== undefined && (
            <Button
              kind={next.primary ? "primary" : "plain"}
              data-guide-first={next.primary || undefined}
              onClick={() => onStep(after)}
            >
              {next.label}
            </Button>
          )}
        </footer>
      </main>
    </div>
  );
}
