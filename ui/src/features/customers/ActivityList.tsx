/** What happened to a customer, the newest first. */

import { Link } from "@tanstack/react-router";

import type { Activity, Run } from "@/backend/bindings";
import type { Look } from "@/components/states";
import { StatusShape } from "@/components/StatusShape";
import { useNow } from "@/components/useNow";
import { useI18n } from "@/i18n/I18nProvider";

const MINUTE_MS = 60_000;
/** As many as are told of. */
const MOST = 50;

const LOOKS: Partial<Record<string, Look>> = {
  "run.succeeded": { shape: "done", tone: "ok" },
  "run.failed": { shape: "fail", tone: "error" },
  "run.waiting": { shape: "needs", tone: "warn" },
  "run.interrupted": { shape: "needs", tone: "warn" },
  "run.running": { shape: "setup", tone: "info" },
  "run.started": { shape: "setup", tone: "info" },
  "run.resumed": { shape: "setup", tone: "info" },
  "run.undoing": { shape: "undone", tone: "info" },
  "run.rolled_back": { shape: "undone", tone: "idle" },
  "run.leftovers": { shape: "needs", tone: "warn" },
};
const EDIT: Look = { shape: "skip", tone: "idle" };

function Entry({ entry, removal, now }: { entry: Activity; removal: boolean; now: number }) {
  const { t, format } = useI18n();
  const run = entry.run_number === undefined ? "" : t.runs.run(entry.run_number);
  const words =
    (removal ? t.removalActivity[entry.action]?.(run) : undefined) ??
    t.activity[entry.action]?.(entry.facts, run) ??
    t.otherActivity(entry.action);
  return (
    <li className="grid h-[calc(var(--row)-4px)] grid-cols-[20px_minmax(0,1fr)_auto_92px] items-center gap-2 border-t border-border last:border-b">
      <StatusShape {...(LOOKS[entry.action] ?? EDIT)} turning={false} />
      {entry.run === undefined ? (
        <span className="truncate">{words}</span>
      ) : (
        <Link to="/runs/$run" params={{ run: entry.run }} className="truncate rounded-chip hover:underline">
          {words}
        </Link>
      )}
      <span className="truncate text-caption text-text-3">{entry.operator}</span>
      <time dateTime={entry.at} title={format.day(entry.at)} className="text-right text-caption text-text-3">
        {format.moment(entry.at, now)}
      </time>
    </li>
  );
}

export function ActivityList({ activity, runs }: { activity: readonly Activity[]; runs: readonly Run[] }) {
  const { t, format } = useI18n();
  const now = useNow(MINUTE_MS);
  const removals = new Set(runs.filter((run) => run.purpose === "deprovision").map((run) => run.id));
  if (activity.length === 0) return <p className="text-text-2">{t.customer.noActivity}</p>;
  return (
    <>
      <ol>
        {activity.map((entry) => (
          <Entry
            key={`${entry.at} ${entry.action} ${entry.run ?? ""}`}
            entry={entry}
            removal={entry.run !== undefined && removals.has(entry.run)}
            now={now}
          />
        ))}
      </ol>
      {activity.length >= MOST && <p className="mt-1 text-caption text-text-3">{t.customer.newest(format.number(activity.length))}</p>}
    </>
  );
}
