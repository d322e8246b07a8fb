/** Imports tokens and settings from an `.env` file: first a masked preview, then the deed. */

import { useState } from "react";

import type { EnvEntry, EnvImport, EnvVerdict } from "@/backend/bindings";
import { problemOf } from "@/backend/errors";
import { useCommand } from "@/backend/mutations";
import { Button } from "@/components/Button";
import { classes } from "@/components/classes";
import { Dialog, DialogBody, DialogFooter } from "@/components/Dialog";
import { FilePicker } from "@/components/FilePicker";
import { OwnWords } from "@/components/OwnWords";
import { type Look, Status } from "@/components/states";
import { useToaster } from "@/components/Toast";
import { ErrorDisplay } from "@/errors/ErrorDisplay";
import { present } from "@/errors/presentation";
import { settingName } from "@/errors/texts";
import { useI18n } from "@/i18n/I18nProvider";

const LOOKS: Record<EnvVerdict, Look> = {
  credential: { shape: "done", tone: "ok" },
  setting: { shape: "done", tone: "ok" },
  database_url: { shape: "done", tone: "ok" },
  ignored: { shape: "skip", tone: "idle" },
  empty: { shape: "skip", tone: "idle" },
  refused: { shape: "fail", tone: "error" },
};

/** What is kept of a file. */
const KEPT: ReadonlySet<EnvVerdict> = new Set<EnvVerdict>(["credential", "setting", "database_url"]);

const keptOf = ({ entries }: EnvImport) => entries.filter((entry) => KEPT.has(entry.verdict)).length;

function Entry({ entry }: { entry: EnvEntry }) {
  const { t, language } = useI18n();
  const cell = "border-b border-border py-2 pr-3 align-top";
  const secret = entry.verdict === "credential" || entry.verdict === "database_url";
  const called = entry.target === undefined ? undefined : t.settings.names[entry.target];
  const problem = entry.problem && present(entry.problem, language);
  return (
    <tr>
      {/* A line that can't be read has no name, only its number. */}
      {entry.name.startsWith(":") ? (
        <td className={cell}>{t.envImport.line(entry.name.slice(1))}</td>
      ) : (
        <td className={`${cell} mono wrap-anywhere`}>{entry.name}</td>
      )}
      <td className={cell}>
        <Status look={LOOKS[entry.verdict]} word={t.envImport.verdicts[entry.verdict]} />
        {entry.target !== undefined && (
          <span className={classes("block text-text-3", called === undefined && "mono")} title={entry.target}>
            {called === undefined ? entry.target : settingName(entry.target, t.settings.names)}
          </span>
        )}
        {entry.overruled !== undefined && <span className="block text-text-2">{t.envImport.overruled(t.settings.sources[entry.overruled])}</span>}
        {problem !== undefined && (
          <span className="block text-error">
            {problem.text}
            <OwnWords words={problem.words} />
          </span>
        )}
      </td>
      <td className={`${cell} mono wrap-anywhere text-text-2`}>
        {secret ? `••••${entry.shown ?? ""}` : (entry.shown ?? "")}
      </td>
    </tr>
  );
}

function Preview({ preview }: { preview: EnvImport }) {
  const { t } = useI18n();
  const head = "border-b border-border py-1.5 pr-3 text-left text-caption font-normal text-text-3";
  if (preview.entries.every((entry) => entry.verdict === "ignored" || entry.verdict === "empty")) return <p className="text-text-2">{t.envImport.nothing}</p>;
  return (
    <table className="w-full border-separate border-spacing-0">
      <thead>
        <tr>
          <th scope="col" className={head}>{t.envImport.columnName}</th>
          <th scope="col" className={head}>{t.envImport.columnVerdict}</th>
          <th scope="col" className={head}>{t.envImport.columnShown}</th>
        </tr>
      </thead>
      <tbody>
        {/* A name may stand in a file twice. */}
        {preview.entries.map((entry, line) => (
          <Entry key={`${line} ${entry.name}`} entry={entry} />
        ))}
      </tbody>
    </table>
  );
}

export function EnvImportDialog({ onClose }: { onClose(): void }) {
  const { t } = useI18n();
  const toaster = useToaster();
  const run = useCommand("env_import");
  const [file, setFile] = useState<{ name: string; content: string }>();
  const [preview, setPreview] = useState<EnvImport>();
  const problem = problemOf(run.error);
  // The answer has to be read: until it is there, this stays open.
  const keeping = run.isPending && run.variables?.dry_run === false;
  const kept = preview === undefined ? 0 : keptOf(preview);
  const done = preview?.done ?? false;

  const look = (name: string, content: string) => {
    setFile({ name, content });
    setPreview(undefined);
    run.mutate({ content, dry_run: true }, { onSuccess: setPreview });
  };
  const keep = () => {
    if (file === undefined) return;
    run.mutate(
      { content: file.content, dry_run: false },
      {
        onSuccess: (answer) => {
          const imported = keptOf(answer);
          if (imported > 0) toaster.done(({ t }) => t.envImport.done(imported));
          // What was refused stays to be read.
          if (answer.entries.every((entry) => entry.verdict !== "refused")) onClose();
          else setPreview(answer);
        },
      },
    );
  };
  return (
    <Dialog open wide onClose={() => keeping || onClose()} title={t.envImport.title} description={t.envImport.text}>
      <DialogBody>
        <div className="flex items-center gap-3">
          <FilePicker disabled={keeping} onText={look} />
          <span className="mono truncate text-text-2">{file?.name}</span>
        </div>
        {problem !== undefined && <ErrorDisplay problem={problem} compact />}
        {preview?.done && (
          <p role="status" className="text-text-2">
            {t.envImport.summaryDone(kept, preview.entries.filter((entry) => entry.verdict === "refused").length)}
          </p>
        )}
        {preview !== undefined && <Preview preview={preview} />}
      </DialogBody>
      <DialogFooter>
        <Button disabled={keeping} onClick={onClose}>{done ? t.common.close : t.common.cancel}</Button>
        {!done && (
          <Button kind="primary" disabled={run.isPending || kept === 0} onClick={keep}>
            {t.envImport.submit}
          </Button>
        )}
      </DialogFooter>
    </Dialog>
  );
}
