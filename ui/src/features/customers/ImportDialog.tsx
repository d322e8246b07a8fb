/** Imports customers from a file: first what would happen, then the deed. */

import { useState } from "react";

import type { BlueprintSummary, CustomerImport, ImportedRow } from "@/backend/bindings";
import { problemOf } from "@/backend/errors";
import { useCommand } from "@/backend/mutations";
import { useBlueprints, useImportShare } from "@/backend/queries";
import { Button } from "@/components/Button";
import { Dialog, DialogBody, DialogFooter } from "@/components/Dialog";
import { Field } from "@/components/Field";
import { FilePicker } from "@/components/FilePicker";
import { OwnWords } from "@/components/OwnWords";
import { planTitle } from "@/components/planTitle";
import { Select } from "@/components/Select";
import { Status } from "@/components/states";
import { useToaster } from "@/components/Toast";
import { ErrorDisplay } from "@/errors/ErrorDisplay";
import { present } from "@/errors/presentation";
import { useSaved } from "@/errors/useSaved";
import { useI18n } from "@/i18n/I18nProvider";

/** What rows have that name none; nothing where nobody chose it. */
interface Usual {
  blueprint: string | null;
  plan: string | null;
}

/** The choice of none: the row's own, or the first. */
const NONE = "";

function UsualFields({ usual, blueprints, disabled, onChange }: { usual: Usual; blueprints: readonly BlueprintSummary[]; disabled: boolean; onChange(usual: Usual): void }) {
  const { t, language } = useI18n();
  const plans = blueprints.find(({ name }) => name === usual.blueprint)?.plans ?? [];
  return (
    <div className="grid grid-cols-2 gap-4">
      <Field label={t.importCustomers.blueprint}>
        {(tied) => (
          <Select
            {...tied}
            disabled={disabled}
            value={usual.blueprint ?? NONE}
            options={[{ value: NONE, label: t.importCustomers.unchosen }, ...blueprints.map(({ name }) => ({ value: name, label: name }))]}
            onChange={(name) => onChange({ blueprint: name === NONE ? null : name, plan: null })}
          />
        )}
      </Field>
      {plans.length > 1 && (
        <Field label={t.importCustomers.plan}>
          {(tied) => (
            <Select
              {...tied}
              disabled={disabled}
              value={usual.plan ?? plans[0]?.name}
              options={plans.map((plan) => ({ value: plan.name, label: plan.title[language] }))}
              onChange={(plan) => onChange({ ...usual, plan })}
            />
          )}
        </Field>
      )}
    </div>
  );
}

function Outcome({ row, done }: { row: ImportedRow; done: boolean }) {
  const { t, language } = useI18n();
  if (row.problems.length === 0) {
    return <Status look={{ shape: "done", tone: "ok" }} word={done ? t.importCustomers.added : t.importCustomers.willAdd} />;
  }
  return (
    <>
      <Status look={{ shape: "fail", tone: "error" }} word={t.importCustomers.refused} />
      <ul className="mt-0.5 grid gap-0.5 text-caption text-error">
        {row.problems.map((problem) => {
          const { title, text, words } = present(problem, language);
          return (
            <li key={JSON.stringify(problem)}>
              {`${title}. ${text}`}
              <OwnWords words={words} />
            </li>
          );
        })}
      </ul>
    </>
  );
}

/** Without the browser's own look, which knows no theme. */
const BAR =
  "h-1.5 flex-1 appearance-none overflow-hidden rounded-full bg-hover [&::-webkit-progress-bar]:bg-hover [&::-webkit-progress-value]:bg-accent";

/** A long file takes a while, and can be stopped: nothing of it is kept then. */
function UnderWay() {
  const { t } = useI18n();
  const share = useImportShare(true);
  const stop = useCommand("import_stop");
  return (
    <div className="flex items-center gap-3">
      <progress className={BAR} aria-label={t.importCustomers.progress} value={share} max={1} />
      <Button small disabled={stop.isPending || stop.isSuccess} onClick={() => stop.mutate({})}>
        {t.importCustomers.stop}
      </Button>
    </div>
  );
}

function Preview({ preview, blueprints }: { preview: CustomerImport; blueprints: readonly BlueprintSummary[] }) {
  const { t, language } = useI18n();
  const head = "border-b border-border py-1.5 pr-3 text-left text-caption font-normal text-text-3";
  const cell = "border-b border-border py-2 pr-3 align-top";
  const done = !preview.dry_run;
  const untold = preview.added + preview.refused - preview.rows.length;
  const summary = done ? t.importCustomers.summaryDone : t.importCustomers.summary;
  return (
    <>
      <p role={done ? "status" : undefined} className="text-text-2">
        {summary(preview.added, preview.refused)}
      </p>
      {!done && preview.assumed !== undefined && <p className="text-warn">{t.importCustomers.assumed(preview.assumed)}</p>}
      <table className="w-full border-separate border-spacing-0">
        <thead>
          <tr>
            <th scope="col" className={`${head} w-12`}>{t.importCustomers.columnLine}</th>
            <th scope="col" className={head}>{t.importCustomers.columnName}</th>
            <th scope="col" className={head}>{t.customers.blueprint}</th>
            <th scope="col" className={head}>{t.customers.plan}</th>
            <th scope="col" className={head}>{t.importCustomers.columnOutcome}</th>
          </tr>
        </thead>
        <tbody>
          {preview.rows.map((row) => (
            <tr key={row.line}>
              <td className={`${cell} text-text-3`}>{row.line}</td>
              <td className={`${cell} font-medium`}>{row.name}</td>
              <td className={`${cell} mono`}>{row.customer?.blueprint}</td>
              <td className={cell}>{row.customer && planTitle(blueprints, row.customer, language)}</td>
              <td className={cell}>
                <Outcome row={row} done={done} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {untold > 0 && <p className="text-text-2">{t.importCustomers.more(untold)}</p>}
    </>
  );
}

export function ImportDialog({ onClose }: { onClose(): void }) {
  const { t } = useI18n();
  const toaster = useToaster();
  const run = useCommand("customers_import");
  const save = useCommand("import_save");
  const saved = useSaved();
  const blueprints = useBlueprints().data ?? [];
  const [usual, setUsual] = useState<Usual>({ blueprint: null, plan: null });
  const [file, setFile] = useState<{ file_name: string; content: string }>();
  const [preview, setPreview] = useState<CustomerImport>();
  const problem = problemOf(run.error);
  // It is stopped by its button, and its answer has to be read: until then this stays open.
  const keeping = run.isPending && run.variables?.dry_run === false;
  const done = preview !== undefined && !preview.dry_run;

  const look = (file_name: string, content: string, chosen: Usual) => {
    setFile({ file_name, content });
    setPreview(undefined);
    run.mutate({ file_name, content, dry_run: true, ...chosen }, { onSuccess: setPreview });
  };
  const choose = (chosen: Usual) => {
    setUsual(chosen);
    if (file !== undefined) look(file.file_name, file.content, chosen);
  };
  const keep = () => {
    if (file === undefined) return;
    run.mutate(
      { ...file, dry_run: false, ...usual },
      {
        onSuccess: (answer) => {
          if (answer.added > 0) toaster.done(({ t }) => t.importCustomers.done(answer.added));
          // What was refused stays to be read.
          if (answer.refused === 0) onClose();
          else setPreview(answer);
        },
      },
    );
  };
  return (
    <Dialog open wide onClose={() => keeping || onClose()} title={t.importCustomers.title} description={t.importCustomers.text}>
      <DialogBody>
        <div className="flex items-center gap-3">
          <FilePicker disabled={keeping} accept=".csv,.json,text/csv,application/json" onText={(name, text) => look(name, text, usual)} />
          <span className="mono truncate text-text-2">{file?.file_name}</span>
        </div>
        {blueprints.length > 1 && !done && <UsualFields usual={usual} blueprints={blueprints} disabled={run.isPending} onChange={choose} />}
        {run.isPending && <UnderWay />}
        {problem !== undefined && <ErrorDisplay problem={problem} compact />}
        {preview !== undefined && <Preview preview={preview} blueprints={blueprints} />}
      </DialogBody>
      <DialogFooter>
        {(preview?.refused ?? 0) > 0 && (
          <Button className="mr-auto" disabled={save.isPending || run.isPending} onClick={() => save.mutate({}, saved)}>
            {t.importCustomers.saveVerdicts}
          </Button>
        )}
        <Button disabled={keeping} onClick={onClose}>{done ? t.common.close : t.common.cancel}</Button>
        {!done && (
          <Button kind="primary" disabled={run.isPending || (preview?.added ?? 0) === 0} onClick={keep}>
            {t.importCustomers.submit(preview?.added ?? 0)}
          </Button>
        )}
      </DialogFooter>
    </Dialog>
  );
}
