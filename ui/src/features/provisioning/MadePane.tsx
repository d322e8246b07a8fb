/** What will be there when the run is done, filling in as it is made. */

import type { RunDetail } from "@/backend/bindings";
import { CopyButton } from "@/components/CopyField";
import type { Look } from "@/components/states";
import { StatusShape } from "@/components/StatusShape";
import { useI18n } from "@/i18n/I18nProvider";

import { type Made, madeOf, type MadeState } from "./made";
import { isActive } from "./timeline";

const LOOKS: Record<MadeState, Look> = {
  todo: { shape: "wait", tone: "idle" },
  under_way: { shape: "setup", tone: "info", turning: true },
  there: { shape: "done", tone: "ok" },
  adopted: { shape: "done", tone: "ok" },
  gone: { shape: "undone", tone: "idle" },
  leftover: { shape: "needs", tone: "warn" },
};

/** Words rather than an id or an address. */
const PROSE: ReadonlySet<Made["what"]> = new Set<Made["what"]>(["database_schema", "auth_user", "mail"]);

function useLabel() {
  const { t } = useI18n();
  return (made: Made): string => {
    if (made.what === "production") return t.run.production;
    return made.what === "project_ref" ? t.customer.projectRef : t.resource[made.what];
  };
}

function Item({ made, live }: { made: Made; live: boolean }) {
  const { t } = useI18n();
  const label = useLabel()(made);
  const note = made.state === "under_way" && live ? t.resourceUnderWay : made.state === "adopted" ? t.resourceAdopted : undefined;
  const exists = made.state !== "todo" && made.state !== "gone";
  const look = made.state === "under_way" && !live ? { shape: "degraded", tone: "warn" } as const : LOOKS[made.state];
  return (
    <li className="grid grid-cols-[16px_minmax(0,1fr)_auto] items-start gap-x-2 border-b border-border py-2 last:border-b-0 [--hole:var(--canvas)]">
      <StatusShape {...look} className="mt-[3px]" />
      <div className="min-w-0">
        <div className="text-caption leading-[18px] text-text-3">{[label, note].filter(Boolean).join(", ")}</div>
        <div className={`truncate ${exists ? "" : "text-text-3"} ${PROSE.has(made.what) || !exists || made.value === undefined ? "leading-[18px]" : "mono"}`} title={made.value}>
          {made.value ?? (exists ? t.stepState.done : t.stepState.pending)}
        </div>
      </div>
      {exists && made.value !== undefined && !PROSE.has(made.what) && (
        <CopyButton kind="ghost" small text={made.url ?? made.value} label={label} />
      )}
    </li>
  );
}

export function MadePane({ run }: { run: RunDetail }) {
  const { t } = useI18n();
  const label = useLabel();
  const items = madeOf(run);
  const active = isActive(run.run.state);
  const done = items.filter(({ state }) => state === "there" || state === "adopted").length;
  const title = active ? t.run.willExist : run.run.state === "succeeded" ? t.run.exists : t.run.existsNow;
  const handover = [
    t.run.handover(run.customer.name),
    ...items.filter(({ value }) => value !== undefined).map((made) => `${label(made)}: ${made.url ?? made.value}`),
  ].join("\n");
  return (
    <aside
      aria-label={title}
      className="flex min-h-0 flex-col border-t border-border bg-canvas px-5 wide:overflow-x-hidden wide:overflow-y-auto wide:border-t-0 wide:border-l"
    >
      <header className="sticky top-0 z-10 -mx-5 flex h-8 flex-none items-center border-b border-border bg-canvas px-5 text-caption text-text-3">
        <h2>{title}</h2>
        <span className="ml-auto">{t.run.madeDone(done, items.length)}</span>
      </header>
      <ul>
        {items.map((made) => (
          <Item key={made.key} made={made} live={run.run.state === "running" || run.run.state === "queued"} />
        ))}
      </ul>
      <footer className="mt-auto grid gap-2 pt-3 pb-4">
        <CopyButton text={handover} disabled={run.run.state !== "succeeded"}>
          {t.run.copyHandover}
        </CopyButton>
        {active && <p className="text-caption text-text-3">{run.owned_here ? t.run.leave : t.run.elsewhere}</p>}
      </footer>
    </aside>
  );
}
