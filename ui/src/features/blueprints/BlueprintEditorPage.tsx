/** A blueprint's files, changed in place: what is wrong is told while one writes, and what is new is shown before it is
 * saved as the next version. */

import { Link, useBlocker, useNavigate } from "@tanstack/react-router";
import { Copy, History, type LucideIcon, MoreHorizontal, Plus, Trash2 } from "lucide-react";
import { useState } from "react";

import type { BlueprintContents, BlueprintFault, Problem } from "@/backend/bindings";
import { problemOf } from "@/backend/errors";
import { useBlueprintContents, useBlueprintDraftCheck } from "@/backend/queries";
import { Button } from "@/components/Button";
import { classes } from "@/components/classes";
import { Icon } from "@/components/Icon";
import { Crumb, HeaderTitle, PageHeader, Skeleton, Waiting } from "@/components/layout";
import { Menu, type MenuItem } from "@/components/Menu";
import { Question } from "@/components/Question";
import { Status } from "@/components/states";
import { useDebounced } from "@/components/useDebounced";
import { useUnsaved } from "@/components/useLeaving";
import { ErrorDisplay } from "@/errors/ErrorDisplay";
import { Loaded } from "@/errors/Loaded";
import { useI18n } from "@/i18n/I18nProvider";

import { CodeEditor } from "./CodeEditor";
import { CopyBlueprintDialog } from "./CopyBlueprintDialog";
import { changesOf, type Draft, draftOf, filesOf, MANIFEST, movedOnto, pathsOf } from "./draft";
import { NewFileDialog } from "./NewFileDialog";
import { ReviewDialog } from "./ReviewDialog";
import { VersionsDialog } from "./VersionsDialog";

/** After so long without a key the draft is looked at. */
const PAUSE_MS = 900;

interface FilesProps {
  draft: Draft;
  changed: ReadonlySet<string>;
  open: string;
  own: boolean;
  onOpen(path: string): void;
  onAdd(): void;
}

function Files({ draft, changed, open, own, onOpen, onAdd }: FilesProps) {
  const { t } = useI18n();
  return (
    <nav aria-label={t.blueprintEditor.files} className="flex min-h-0 flex-col overflow-y-auto border-r border-border bg-canvas p-2">
      <ul className="grid grid-cols-1 gap-px">
        {pathsOf(draft).map((path) => (
          <li key={path}>
            <button
              type="button"
              aria-current={path === open ? "true" : undefined}
              onClick={() => onOpen(path)}
              className={classes(
                "flex h-7 w-full items-center gap-1 rounded-control px-2 text-left hover:bg-hover",
                path === open ? "bg-hover font-medium text-text" : "text-text-2",
              )}
            >
              <span className="mono min-w-0 flex-1 truncate" title={path}>
                {path}
              </span>
              {changed.has(path) && (
                <span className="flex-none text-info" title={t.blueprintEditor.changed}>
                  <span aria-hidden>•</span>
                  <span className="sr-only">{t.blueprintEditor.changed}</span>
                </span>
              )}
            </button>
          </li>
        ))}
      </ul>
      {own && (
        <Button kind="ghost" small className="mt-1 self-start" onClick={onAdd}>
          <Icon of={Plus} small />
          {t.blueprintEditor.newFile}
        </Button>
      )}
    </nav>
  );
}

function Faults({ faults, onOpen }: { faults: readonly BlueprintFault[]; onOpen(fault: BlueprintFault): void }) {
  return (
    <ol className="grid">
      {faults.map((fault) => (
        <li key={JSON.stringify(fault)} className="not-first:border-t not-first:border-border">
          <button type="button" className="block w-full px-4 py-2 text-left hover:bg-hover" onClick={() => onOpen(fault)}>
            <span className="mono block wrap-anywhere text-text-2">{fault.line === undefined ? fault.file : `${fault.file}:${fault.line}`}</span>
            <span className="block wrap-anywhere">{fault.message}</span>
            <span className="block text-caption wrap-anywhere text-text-2">{fault.hint}</span>
          </button>
        </li>
      ))}
    </ol>
  );
}

interface Checked {
  /** The draft as it is now has yet to be looked at. */
  busy: boolean;
  /** Why it could not be. */
  problem: Problem | undefined;
  faults: readonly BlueprintFault[];
}

/** What is wrong with a draft; `edit` counts its changes. */
function useChecked(name: string, draft: Draft, edit: number): Checked {
  const { language } = useI18n();
  const settled = useDebounced(edit, PAUSE_MS);
  const check = useBlueprintDraftCheck(name, language, settled, () => filesOf(draft));
  return {
    busy: check.isFetching || settled !== edit,
    problem: problemOf(check.error),
    faults: check.data?.faults ?? [],
  };
}

interface ChecksProps {
  checked: Checked;
  onOpen(fault: BlueprintFault): void;
}

function Checks({ checked: { busy, problem, faults }, onOpen }: ChecksProps) {
  const { t } = useI18n();
  const count = faults.length;
  return (
    <aside aria-label={t.blueprintEditor.checks} className="flex min-h-0 flex-col border-l border-border bg-canvas max-wide:border-t max-wide:border-l-0">
      <div role="status" className="flex h-9 flex-none items-center border-b border-border px-4">
        {busy ? (
          <Status look={{ shape: "setup", tone: "info", turning: true }} word={t.shelf.checking} />
        ) : problem !== undefined ? (
          <Status look={{ shape: "unknown", tone: "idle" }} word={t.shelf.unchecked} />
        ) : count === 0 ? (
          <Status look={{ shape: "ok", tone: "ok" }} word={t.shelf.well} />
        ) : (
          <Status look={{ shape: "fail", tone: "error" }} word={t.shelf.faults(count)} />
        )}
      </div>
      <div className="min-h-0 flex-1 overflow-y-auto">
        {problem !== undefined && !busy ? (
          <div className="p-4">
            <ErrorDisplay problem={problem} compact quiet />
          </div>
        ) : (
          <Faults faults={faults} onOpen={onOpen} />
        )}
      </div>
    </aside>
  );
}

type Asking = "copy" | "file" | "review" | "remove" | "versions";

function Editor({ contents }: { contents: BlueprintContents }) {
  const { t, format } = useI18n();
  const navigate = useNavigate();
  const [opened, setOpened] = useState(contents);
  const { name, own, customers } = opened;
  const [draft, setDraft] = useState<Draft>(() => draftOf(contents.files));
  const [edit, setEdit] = useState(0);
  const checked = useChecked(name, draft, edit);
  const [open, setOpen] = useState(MANIFEST);
  const [at, setAt] = useState<{ line: number }>();
  const [asking, setAsking] = useState<Asking>();
  // A new one for each start of the editor with another text than it has.
  const [round, setRound] = useState(0);
  const changes = changesOf(opened.files, draft);
  const dirty = changes.length > 0;
  const isAsked = useUnsaved(dirty);
  const leaving = useBlocker({ shouldBlockFn: () => isAsked, enableBeforeUnload: () => isAsked, withResolver: true });
  const text = draft.get(open);

  const change = (next: Draft) => {
    setDraft(next);
    setEdit((before) => before + 1);
  };
  const show = (path: string, line?: number) => {
    if (!draft.has(path)) return;
    setOpen(path);
    setAt(line === undefined ? undefined : { line });
  };
  const restart = (files: Draft) => {
    change(files);
    setRound((before) => before + 1);
    // The line that was gone to is one of the text before.
    setAt(undefined);
    if (!files.has(open)) setOpen(MANIFEST);
  };

  const acts: (MenuItem & { icon?: LucideIcon })[] = [
    ...(dirty ? [{ label: t.blueprintEditor.discard, onSelect: () => restart(draftOf(opened.files)) }] : []),
    { label: t.blueprintEditor.copy, icon: Copy, onSelect: () => setAsking("copy") },
    ...(own ? [{ label: t.blueprintEditor.versions, icon: History, onSelect: () => setAsking("versions") }] : []),
  ];

  return (
    <div className="flex h-full min-h-0 flex-col">
      <PageHeader
        title={name}
        actions={
          <>
            {acts.map(({ icon, label, onSelect }) => (
              <Button key={label} className="max-wide:hidden" onClick={onSelect}>
                {icon !== undefined && <Icon of={icon} small />}
                {label}
              </Button>
            ))}
            {/* A narrow window has room for one of them, and for the name. */}
            <Menu
              items={acts}
              trigger={
                <Button icon className="wide:hidden" aria-label={t.common.moreActions}>
                  <Icon of={MoreHorizontal} small />
                </Button>
              }
            />
            {own && (
              <Button kind="primary" disabled={!dirty} onClick={() => setAsking("review")}>
                {t.blueprintEditor.review}
              </Button>
            )}
          </>
        }
      >
        <Crumb>
          <Link to="/settings/$page" params={{ page: "blueprints" }} className="rounded-chip text-text-2 hover:text-text">
            {t.settings.pages.blueprints}
          </Link>
        </Crumb>
        <HeaderTitle>{name}</HeaderTitle>
        {/* Where there is no room it is told by the review, and in the settings. */}
        <span className="truncate text-text-3 max-wide:hidden">{t.shelf.usedBy(customers, format.number(customers))}</span>
      </PageHeader>
      {!own && <p className="border-b border-border bg-info-bg px-6 py-2 text-text-2">{t.blueprintEditor.builtIn}</p>}
      {/* Below the text the checks take what they need, and at most so much of its height. */}
      <div className="grid min-h-0 flex-1 grid-cols-[fit-content(280px)_minmax(0,1fr)] grid-rows-[minmax(0,1fr)_fit-content(30%)] wide:grid-cols-[fit-content(280px)_minmax(0,1fr)_320px] wide:grid-rows-[minmax(0,1fr)]">
        <Files
          draft={draft}
          changed={new Set(changes.map(({ path }) => path))}
          open={open}
          own={own}
          onOpen={show}
          onAdd={() => setAsking("file")}
        />
        <section aria-label={open} className="flex min-h-0 flex-col">
          {own && open !== MANIFEST && (
            <div className="flex h-9 flex-none items-center justify-end border-b border-border px-2">
              <Button kind="ghost" small onClick={() => setAsking("remove")}>
                <Icon of={Trash2} small />
                {t.blueprintEditor.removeFile}
              </Button>
            </div>
          )}
          {text !== undefined && (
            <CodeEditor
              key={`${round} ${open}`}
              path={open}
              text={text}
              readOnly={!own}
              label={t.blueprintEditor.textOf(open)}
              at={at}
              onChange={(next) => change(new Map(draft).set(open, next))}
            />
          )}
        </section>
        <div className="col-span-2 min-h-0 wide:col-span-1 [&>aside]:h-full">
          <Checks checked={checked} onOpen={({ file, line }) => show(file, line)} />
        </div>
      </div>
      {asking === "copy" && (
        <CopyBlueprintDialog
          from={name}
          onClose={() => setAsking(undefined)}
          onMade={(made) => {
            // A copy is of what was saved: whoever has changes is asked before they go.
            setAsking(undefined);
            void navigate({ to: "/blueprints/$name", params: { name: made } });
          }}
        />
      )}
      {asking === "file" && (
        <NewFileDialog
          draft={draft}
          onClose={() => setAsking(undefined)}
          onAdd={(path) => {
            change(new Map(draft).set(path, ""));
            setOpen(path);
            setAsking(undefined);
          }}
        />
      )}
      {asking === "review" && (
        <ReviewDialog
          contents={opened}
          draft={draft}
          changes={changes}
          checking={checked.busy}
          faults={checked.faults}
          onClose={() => setAsking(undefined)}
          onSaved={(saved) => {
            setOpened(saved);
            restart(draftOf(saved.files));
            setAsking(undefined);
          }}
          onReopened={(now) => {
            const moved = movedOnto(now.files, changes);
            setOpened(now);
            restart(moved);
            // Somebody else did the same: nothing is left to be reviewed.
            if (changesOf(now.files, moved).length === 0) setAsking(undefined);
          }}
        />
      )}
      {asking === "versions" && (
        <VersionsDialog
          name={name}
          dirty={dirty}
          onClose={() => setAsking(undefined)}
          onChosen={(files) => {
            restart(draftOf(files));
            setAsking(undefined);
          }}
        />
      )}
      <Question
        open={asking === "remove"}
        title={t.blueprintEditor.removeTitle(open)}
        text={t.blueprintEditor.removeText}
        no={t.common.cancel}
        yes={t.blueprintEditor.removeFile}
        busy={false}
        onNo={() => setAsking(undefined)}
        onYes={() => {
          const rest = new Map(draft);
          rest.delete(open);
          change(rest);
          setOpen(MANIFEST);
          setAsking(undefined);
        }}
      />
      <Question
        open={leaving.status === "blocked"}
        title={t.blueprintEditor.leaveTitle}
        text={t.blueprintEditor.leaveText}
        no={t.blueprintEditor.stay}
        yes={t.blueprintEditor.leave}
        busy={false}
        onNo={() => leaving.reset?.()}
        onYes={() => leaving.proceed?.()}
      />
    </div>
  );
}

export function BlueprintEditorPage({ name }: { name: string }) {
  const query = useBlueprintContents(name);
  return (
    <Loaded query={query} skeleton={<Waiting><Skeleton className="m-6 h-40" /></Waiting>}>
      {(contents) => <Editor key={contents.name} contents={contents} />}
    </Loaded>
  );
}
