/** The workspaces: which there are, which is open, which the next start opens; and where their data lies. */

import { FolderOpen } from "lucide-react";
import { type FormEvent, useState } from "react";

import type { WorkspaceView, Workspaces } from "@/backend/bindings";
import { useWorkspaces } from "@/backend/queries";
import { Button } from "@/components/Button";
import { CopyField } from "@/components/CopyField";
import { Field, Input } from "@/components/Field";
import { Icon } from "@/components/Icon";
import { Chip, Skeleton, Waiting } from "@/components/layout";
import { Status } from "@/components/states";
import { Loaded } from "@/errors/Loaded";
import { present } from "@/errors/presentation";
import { useOpening } from "@/errors/useOpening";
import { useWorkspaceSwitch } from "@/errors/WorkspaceSwitch";
import { useI18n } from "@/i18n/I18nProvider";

import { DatabaseCard } from "./DatabaseCard";
import { PageHead } from "./SettingsFrame";
import { SourceCard } from "./SourceCard";

/** What most call their first live one. */
const SUGGESTED = "production";

interface RowProps {
  workspace: WorkspaceView;
  /** Which is opened can be chosen. */
  free: boolean;
  /** What choosing it does. */
  deed: string;
  busy: boolean;
  onChoose(): void;
}

function Row({ workspace, free, deed, busy, onChoose }: RowProps) {
  const { t } = useI18n();
  const { name, sandbox, open, next } = workspace;
  return (
    <li className="flex min-h-11 flex-wrap items-center gap-x-3 gap-y-1 px-3 py-1.5 not-first:border-t not-first:border-border">
      <span className="min-w-40 flex-1">
        <span className="font-medium">{sandbox ? t.frame.sandbox : name}</span>
        {sandbox && <span className="ml-2 text-caption text-text-3">{t.frame.sandboxMeans}</span>}
      </span>
      {open && <Status look={{ shape: "ok", tone: "ok" }} word={t.workspaces.open} />}
      {next && !open && <Chip>{t.workspaces.next}</Chip>}
      {free && (
        <Button small disabled={busy} aria-label={`${deed}: ${sandbox ? t.frame.sandbox : name}`} onClick={onChoose}>
          {deed}
        </Button>
      )}
    </li>
  );
}

function NewWorkspace({ taken, submit, onChoose }: { taken: boolean; submit: string; onChoose(name: string): Promise<boolean> }) {
  const { t, language } = useI18n();
  const [name, setName] = useState(taken ? "" : SUGGESTED);
  const [fault, setFault] = useState<string>();
  const send = async (event: FormEvent) => {
    event.preventDefault();
    const wanted = name.trim();
    if (!/^[a-z0-9][a-z0-9-]{0,39}$/.test(wanted)) {
      setFault(present({ code: "workspace_invalid", workspace: wanted }, language).text);
      return;
    }
    if (await onChoose(wanted)) setName("");
  };
  return (
    <form className="mt-4 max-w-[420px]" noValidate onSubmit={(event) => void send(event)}>
      <Field label={t.workspaces.new} help={t.workspaces.newText} faults={fault === undefined ? [] : [fault]}>
        {(tied) => (
          <div className="flex items-center gap-2">
            <Input
              {...tied}
              mono
              className="flex-1"
              value={name}
              onChange={(event) => {
                setFault(undefined);
                setName(event.target.value);
              }}
            />
            <Button type="submit">{submit}</Button>
          </div>
        )}
      </Field>
    </form>
  );
}

function Place({ label, path }: { label: string; path: string }) {
  return (
    <div className="grid gap-1">
      <span className="text-caption text-text-3">{label}</span>
      <CopyField text={path} />
    </div>
  );
}

function List({ list }: { list: Workspaces }) {
  const { t } = useI18n();
  const { isAtOnce, isOpening, isBusy, choose } = useWorkspaceSwitch();
  const openFolder = useOpening("folder_open");
  const { workspaces, fixed_by, data_directory } = list;
  const next = workspaces.find((one) => one.next);
  return (
    <>
      <section aria-label={t.workspaces.list} className="mb-6">
        <ul className="rounded-card border border-border">
          {workspaces.map((workspace) => (
            <Row
              key={workspace.name}
              workspace={workspace}
              free={fixed_by === undefined && !workspace.open && (isAtOnce || !workspace.next)}
              deed={isAtOnce ? t.workspaces.openNow : t.workspaces.choose}
              busy={isBusy}
              onChoose={() => void choose(workspace)}
            />
          ))}
        </ul>
        {fixed_by !== undefined && <p className="mt-2 text-text-2">{t.workspaces.fixed(fixed_by)}</p>}
        {!isAtOnce && next !== undefined && !next.open && (
          <p role="status" className="mt-2 rounded-control bg-info-bg px-3 py-2">
            {t.workspaces.restart(next.sandbox ? t.frame.sandbox : next.name)}
          </p>
        )}
        {fixed_by === undefined && (
          <NewWorkspace
            taken={workspaces.length > 1}
            submit={isAtOnce ? t.workspaces.newOpen : t.workspaces.newSubmit}
            onChoose={(name) => choose(workspaces.find((one) => one.name === name) ?? { name, sandbox: false })}
          />
        )}
      </section>
      <section aria-label={t.workspaces.data}>
        <div className="mb-2 flex items-center gap-2">
          <h3 className="flex-1 text-heading font-semibold">{t.workspaces.data}</h3>
          <Button small onClick={() => openFolder({ folder: "data" })}>
            <Icon of={FolderOpen} small />
            {t.workspaces.openFolder}
          </Button>
        </div>
        <Place label={t.workspaces.dataDirectory} path={data_directory} />
      </section>
      {/* While another is opened nothing can be typed here. */}
      {!isOpening && (
        <>
          <DatabaseCard />
          <SourceCard />
        </>
      )}
    </>
  );
}

export function WorkspacesPage() {
  const { t } = useI18n();
  const query = useWorkspaces();
  return (
    <>
      <PageHead title={t.settings.pages.workspaces} text={t.workspaces.text} />
      <Loaded query={query} skeleton={<Waiting><Skeleton className="h-24" /></Waiting>}>
        {(list) => <List list={list} />}
      </Loaded>
    </>
  );
}
