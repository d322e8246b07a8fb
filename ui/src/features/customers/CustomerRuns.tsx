/** A customer's newest runs: how each went, how long it took, who began it. */

import { Link } from "@tanstack/react-router";

import type { Run } from "@/backend/bindings";
import { RUN_LOOK, runWord } from "@/components/states";
import { StatusShape, toneClass } from "@/components/StatusShape";
import { useNow } from "@/components/useNow";
import { useI18n } from "@/i18n/I18nProvider";

/** More are in the list of runs. */
const SHOWN = 5;
const MINUTE_MS = 60_000;

function secondsOf({ started_at, finished_at }: Run): number | undefined {
  return finished_at === undefined ? undefined : (Date.parse(finished_at) - Date.parse(started_at)) / 1000;
}

interface CustomerRunsProps {
  runs: readonly Run[];
  /** Whose: what the list of all runs is asked for. */
  name: string;
}

export function CustomerRuns({ runs, name }: CustomerRunsProps) {
  const { t, format } = useI18n();
  const now = useNow(MINUTE_MS);
  return (
    <div className="mb-5">
      <ol aria-label={t.customer.runs}>
        {runs.slice(0, SHOWN).map((run) => {
          const seconds = secondsOf(run);
          const look = RUN_LOOK[run.state];
          return (
            <li
              key={run.id}
              className="grid h-[calc(var(--row)-4px)] grid-cols-[20px_minmax(0,1fr)_auto_auto_92px] items-center gap-x-2 border-t border-border last:border-b"
            >
              <StatusShape {...look} turning={false} />
              <Link to="/runs/$run" params={{ run: run.id }} className="truncate rounded-chip hover:underline">
                {t.runs.run(run.number)} <span className={toneClass(look.tone)}>{runWord(run, t)}</span>
              </Link>
              <span className="text-caption text-text-2 tabular-nums">{seconds === undefined ? "" : format.duration(seconds)}</span>
              <span className="truncate pl-3 text-caption text-text-3">{run.operator}</span>
              <time dateTime={run.started_at} title={format.day(run.started_at)} className="text-right text-caption text-text-3">
                {format.moment(run.started_at, now)}
              </time>
            </li>
          );
        })}
      </ol>
      {runs.length > SHOWN && (
        <Link to="/runs" search={{ q: name }} className="mt-1 inline-flex min-h-6 items-center rounded-chip text-text-2 hover:text-text hover:underline">
          {t.customer.allRuns}
        </Link>
      )}
    </div>
  );
}
