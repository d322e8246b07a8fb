/** The frame's left side: where one can go, what goes on, and which world one is in. */

import { Link, useLocation } from "@tanstack/react-router";
import { Inbox, ListTodo, PanelLeft, Search, SlidersHorizontal, Users } from "lucide-react";
import { type ReactNode, useRef } from "react";

import type { Overview } from "@/backend/bindings";
import { useOverview } from "@/backend/queries";
import { classes } from "@/components/classes";
import { FabrikGlyph } from "@/components/glyphs";
import { Icon } from "@/components/Icon";
import { LanguageMenu } from "@/components/LanguageMenu";
import { StatusShape } from "@/components/StatusShape";
import { UpdateMark } from "@/components/UpdateMark";
import { useI18n } from "@/i18n/I18nProvider";

import { ShortcutHint } from "./ShortcutHint";
import { useShortcut } from "./ShortcutProvider";
import { keyLabel, SHORTCUTS } from "./shortcuts";
import { WorkspaceMenu } from "./WorkspaceMenu";

const ITEM =
  "flex h-7 w-full items-center gap-2 rounded-control px-2 text-text-2 transition-colors duration-100 hover:bg-hover hover:text-text data-[status=active]:bg-hover data-[status=active]:font-medium data-[status=active]:text-text max-narrow:justify-center max-narrow:px-0 group-data-folded:justify-center group-data-folded:px-0";
/** Words that give way to the icon in a narrow window, or where that was chosen; readers keep them, and a hint has them. */
const WORD = "min-w-0 truncate max-narrow:sr-only group-data-folded:sr-only";

/** How many runs go on, and how many wait for their owner. */
function runCounts(overview: Overview): { running: number; waiting: number } {
  const running = overview.active_runs.filter((run) => run.state !== "waiting").length;
  return { running, waiting: overview.active_runs.length - running + overview.interrupted_runs.length + overview.leftover_runs };
}

type Mark = "waiting" | "running" | "open";

/** Told apart by place and by shape, too: what goes on is a ring below. */
const MARKS: Record<Mark, string> = {
  waiting: "-top-0.5 bg-warn",
  running: "-bottom-0.5 border-[1.5px] border-info bg-canvas",
  open: "-top-0.5 bg-info",
};

/** At an icon's corner where the words and counts beside it have no room; readers have those. */
function Marks({ of: marks }: { of: readonly Mark[] }) {
  return marks.map((mark) => (
    <span
      key={mark}
      aria-hidden
      data-mark={mark}
      className={classes("absolute -right-1 hidden size-1.5 rounded-full ring-2 ring-canvas max-narrow:block group-data-folded:block in-data-[status=active]:ring-hover", MARKS[mark])}
    />
  ));
}

/** What goes on, and beside it what waits: a run that goes on doesn't hide one that needs its owner. */
function LiveRuns({ overview }: { overview: Overview }) {
  const { t } = useI18n();
  const { running, waiting } = runCounts(overview);
  if (running + waiting === 0) return null;
  return (
    <span className="ml-auto inline-flex items-center gap-2.5 text-caption font-normal text-text-3 max-narrow:sr-only group-data-folded:sr-only">
      {running > 0 && (
        <Count shape={<StatusShape shape="setup" tone="info" size={12} turning />} number={running} words={t.frame.underWay(running)} spelled={waiting === 0} />
      )}
      {waiting > 0 && <Count shape={<StatusShape shape="needs" tone="warn" size={12} />} number={waiting} words={t.frame.waiting(waiting)} />}
    </span>
  );
}

interface CountProps {
  shape: ReactNode;
  number: number;
  words: string;
  /** The words are seen too: beside another count there is no room for them. */
  spelled?: boolean;
}

function Count({ shape, number, words, spelled = false }: CountProps) {
  const { format } = useI18n();
  return (
    <span className="inline-flex items-center gap-1.5" title={spelled ? undefined : words}>
      {shape}
      {!spelled && <span aria-hidden>{format.number(number)}</span>}
      <span className={spelled ? "" : "sr-only"}>{words}</span>
    </span>
  );
}

function OpenRequests({ count }: { count: number }) {
  const { t, format } = useI18n();
  return (
    <span className="ml-auto text-caption font-normal text-text-3 max-narrow:sr-only group-data-folded:sr-only" title={t.frame.requestsWait(count)}>
      <span aria-hidden>{format.number(count)}</span>
      <span className="sr-only">{t.frame.requestsWait(count)}</span>
    </span>
  );
}

interface NavItemProps {
  to: "/customers" | "/requests" | "/runs";
  icon: ReactNode;
  word: string;
  end?: ReactNode;
  marks?: readonly Mark[];
}

function NavItem({ to, icon, word, end, marks = [] }: NavItemProps) {
  return (
    <Link to={to} className={ITEM} title={word} activeOptions={{ includeSearch: false }}>
      <span className="relative flex-none">
        {icon}
        <Marks of={marks} />
      </span>
      <span className={WORD}>{word}</span>
      {end}
    </Link>
  );
}

/** Settings have a page each, and the blueprints that they list have theirs. */
function Settings() {
  const { t } = useI18n();
  const isHere = useLocation({ select: ({ pathname }) => /^\/(settings|blueprints)(\/|$)/.test(pathname) });
  return (
    <Link
      to="/settings/$page"
      params={{ page: "general" }}
      className={ITEM}
      title={t.frame.settings}
      data-status={isHere ? "active" : undefined}
      aria-current={isHere ? "page" : undefined}
    >
      <Icon of={SlidersHorizontal} />
      <span className={WORD}>{t.frame.settings}</span>
      <UpdateMark />
    </Link>
  );
}

interface SidebarProps {
  onFind(): void;
  /** It has its icons alone, as one has chosen. */
  folded: boolean;
  onFold(): void;
}

/** Folds the sidebar, or unfolds it; not in a narrow window, where it has no room for words. */
function Fold({ folded, onFold }: Pick<SidebarProps, "folded" | "onFold">) {
  const { t } = useI18n();
  const button = useRef<HTMLButtonElement>(null);
  useShortcut("sidebar", onFold, () => button.current?.checkVisibility() === true);
  const deed = folded ? t.frame.unfold : t.frame.fold;
  return (
    <button ref={button} type="button" className={classes(ITEM, "max-narrow:hidden")} title={`${deed} (${keyLabel(SHORTCUTS.sidebar.keys[0] ?? "")})`} onClick={onFold}>
      <Icon of={PanelLeft} />
      <span className={WORD}>{deed}</span>
    </button>
  );
}

export function Sidebar({ onFind, folded, onFold }: SidebarProps) {
  const { t, format } = useI18n();
  const { data: overview } = useOverview();
  const runs = overview === undefined ? { running: 0, waiting: 0 } : runCounts(overview);
  return (
    <aside data-folded={folded || undefined} className="group flex min-h-0 flex-col border-r border-border px-2 pb-2">
      <div className="flex h-12 items-center gap-2 px-2 text-heading font-semibold max-narrow:justify-center max-narrow:px-0 group-data-folded:justify-center group-data-folded:px-0">
        <FabrikGlyph className="text-accent" />
        <span className={WORD}>{t.frame.product}</span>
      </div>
      <button
        type="button"
        title={t.frame.find}
        onClick={onFind}
        className="mb-3 flex h-7 w-full items-center gap-2 rounded-control border border-border bg-surface pr-1 pl-2 text-left text-text-3 hover:bg-hover max-narrow:justify-center max-narrow:px-0 group-data-folded:justify-center group-data-folded:px-0"
      >
        <Icon of={Search} small />
        <span className={classes(WORD, "flex-1")}>{t.frame.find}</span>
        <span className="max-narrow:hidden group-data-folded:hidden">
          <ShortcutHint of="palette" />
        </span>
      </button>
      <nav aria-label={t.frame.mainMenu} className="grid gap-px">
        <NavItem
          to="/customers"
          icon={<Icon of={Users} />}
          word={t.frame.customers}
          end={
            overview && (
              <span className="ml-auto text-caption font-normal text-text-3 max-narrow:sr-only group-data-folded:sr-only">
                {format.number(overview.customers)}
              </span>
            )
          }
        />
        <NavItem
          to="/requests"
          icon={<Icon of={Inbox} />}
          word={t.frame.requests}
          end={overview && overview.open_requests > 0 && <OpenRequests count={overview.open_requests} />}
          marks={overview !== undefined && overview.open_requests > 0 ? ["open"] : []}
        />
        <NavItem
          to="/runs"
          icon={<Icon of={ListTodo} />}
          word={t.frame.runs}
          end={overview && <LiveRuns overview={overview} />}
          marks={(["waiting", "running"] as const).filter((mark) => runs[mark] > 0)}
        />
      </nav>
      <div className="mt-auto grid grid-cols-[minmax(0,1fr)] gap-px">
        <Settings />
        <LanguageMenu className={ITEM} wordClass={WORD} />
        <Fold folded={folded} onFold={onFold} />
        {overview && <WorkspaceMenu overview={overview} />}
      </div>
    </aside>
  );
}
