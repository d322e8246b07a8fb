/** What will be there when the run is done, filling in as it is made; going back, what is still there. */

import type { RunDetail } from "@/backend/bindings";
import { isLive, isOpen } from "@/backend/runStates";
import { CopyButton } from "@/components/CopyField";
import type { Look } from "@/components/states";
import { StatusShape } from "@/components/StatusShape";
import { useI18n } from "@/i18n/I18nProvider";

import { useCovered } from "./covered";
import { directionOf } from "./direction";
import { driverWord } from "./driver";
import { handoverOf } from "./handover";
import { Leftovers } from "./Leftovers";
import { type Made, madeLabel, madeOf, type MadeState } from "./made";
import { OwnerMail } from "./OwnerMail";
import { Remains } from "./Remains";
import type { Again } from "./RunActions";

const LOOKS: Record<MadeState, Look> = {
  todo: { shape: "wait", tone: "idle" },
  under_way: { shape: "setup", tone: "info", turning: true },
  there: { shape: "done", tone: "ok" },
  adopted: { shape: "done", tone: "ok" },
  deferred: { shape: "defer", tone: "idle" },
  going: { shape: "undone", tone: "info" },
  gone: { shape: "undone", tone: "idle" },
  leftover: { shape: "needs", tone: "warn" },
};

/** States in which a thing can't be counted as there. */
const NOT_THERE: ReadonlySet<MadeState> = new Set<MadeState>(["todo", "under_way", "deferred", "gone"]);

/** Words rather than an id or an address. */
const PROSE: ReadonlySet<Made["what"]> = new Set<Made["what"]>(["database_schema", "auth_user", "workflows", "mail", "vercel_environment"]);

function Item({ made, live }: { made: Made; live: boolean }) {
  const { t } = useI18n();
  const label = madeLabel(made, t);
  const notes: Partial<Record<MadeState, string>> = {
    adopted: t.resourceAdopted,
    going: t.resourceGoing,
    gone: t.resourceGone,
    leftover: t.resourceLeft,
    ...(live ? { under_way: t.resourceUnderWay } : {}),
  };
  const note = notes[made.state];
  const exists = made.state !== "todo" && made.state !== "gone";
  // The names of all variables together are cut to nothing; how many there are says more.
  const value = made.what === "vercel_environment" && made.value !== undefined ? t.run.variables(made.value.split(",").length) : made.value;
  const look = made.state === "under_way" && !live ? { shape: "degraded", tone: "warn" } as const : LOOKS[made.state];
  return (
    <li className="grid grid-cols-[16px_minmax(0,1fr)_auto] items-start gap-x-2 border-b border-border py-2 last:border-b-0 [--hole:var(--canvas)]">
      <StatusShape {...look} className="mt-[3px]" />
      <div className="min-w-0">
        <div className="text-caption leading-[18px] text-text-3">{[label, note].filter(Boolean).join(", ")}</div>
        <div className={`truncate ${exists ? "" : "text-text-3"} ${PROSE.has(made.what) || !exists || made.value === undefined ? "leading-[18px]" : "mono"}`} title={made.value}>
          {value ?? (exists ? t.stepState.done : t.stepState.pending)}
        </div>
      </div>
      {exists && made.value !== undefined && !PROSE.has(made.what) && (
        <CopyButton kind="ghost" small text={made.url ?? made.value} label={label} />
      )}
    </li>
  );
}

interface MadePaneProps {
  run: RunDetail;
  /** Tries again what was left over. */
  retry: Again | undefined;
}

export function MadePane({ run, retry }: MadePaneProps) {
  const i18n = useI18n();
  const { t } = i18n;
  const covered = useCovered(run);
  const items = madeOf(run).filter((made) => made.state !== "leftover" || !covered.has(made.key));
  const open = isOpen(run.run.state);
  const direction = directionOf(run.run);
  const { state } = run.run;
  const there = items.filter((made) => !NOT_THERE.has(made.state)).length;
  const title =
    direction !== "forward" ? t.run.existsNow : open ? t.run.willExist : state === "succeeded" ? t.run.exists : t.run.existsNow;
  return (
    <aside
      aria-label={title}
      className="flex min-h-0 flex-col border-t border-border bg-canvas px-5 wide:scroll-pt-8 wide:overflow-x-hidden wide:overflow-y-auto wide:border-t-0 wide:border-l"
    >
      <header className="sticky top-0 z-10 -mx-5 flex h-8 flex-none items-center border-b border-border bg-canvas px-5 text-caption text-text-3">
        <h2>{title}</h2>
        <span className="ml-auto">
          {direction === "forward" ? t.run.madeDone(there, items.length) : t.run.madeLeft(there, items.length)}
        </span>
      </header>
      <Leftovers run={run} covered={covered} retry={retry} />
      <ul>
        {items.map((made) => (
          <Item key={made.key} made={made} live={state === "running" || state === "queued"} />
        ))}
      </ul>
      {direction === "removal" && !open && <Remains customer={run.customer.id} />}
      <footer className="mt-auto grid gap-2 pt-3 pb-4">
        {direction === "forward" && (
          <CopyButton text={handoverOf(run, i18n)} disabled={state !== "succeeded"}>
            {t.run.copyHandover}
          </CopyButton>
        )}
        {state === "rolled_back" && <p className="text-caption text-text-3">{t.run.nothingLeft}</p>}
        {run.owner_mail !== undefined && <OwnerMail mail={run.owner_mail} />}
        {isLive(state) && (
          <p className="text-caption text-text-3">{run.owned_here ? t.run.leave : t.run.elsewhere(driverWord(run.driver, t))}</p>
        )}
      </footer>
    </aside>
  );
}
