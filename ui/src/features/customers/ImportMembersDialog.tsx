/** Imports members to a customer's instance from a file: first what would become of each row, then the deed. */

import { useState } from "react";

import type { Customer, MemberRow, MembersImport, MemberVerdict } from "@/backend/bindings";
import { problemOf } from "@/backend/errors";
import { useCommand } from "@/backend/mutations";
import { Button } from "@/components/Button";
import { Dialog, DialogBody, DialogFooter } from "@/components/Dialog";
import { FilePicker } from "@/components/FilePicker";
import { Skeleton, Waiting } from "@/components/layout";
import { OwnWords } from "@/components/OwnWords";
import { type Look, Status } from "@/components/states";
import { useToaster } from "@/components/Toast";
import { ErrorDisplay } from "@/errors/ErrorDisplay";
import { present } from "@/errors/presentation";
import { fieldName } from "@/i18n/fields";
import { useI18n } from "@/i18n/I18nProvider";

const LOOKS: Record<MemberVerdict, Look> = {
  added: { shape: "done", tone: "ok" },
  unchanged: { shape: "skip", tone: "idle" },
  different: { shape: "needs", tone: "warn" },
  refused: { shape: "fail", tone: "error" },
};

/** As many as somebody reads; of a longer file what needs a look comes first. */
const SHOWN = 500;
const READ_FIRST: readonly MemberVerdict[] = ["refused", "different", "added", "unchanged"];

function shownOf(rows: readonly MemberRow[]): readonly MemberRow[] {
  if (rows.length <= SHOWN) return rows;
  return rows.toSorted((one, other) => READ_FIRST.indexOf(one.verdict) - READ_FIRST.indexOf(other.verdict)).slice(0, SHOWN);
}

function countOf(rows: readonly MemberRow[], verdict: MemberVerdict): number {
  return rows.filter((row) => row.verdict === verdict).length;
}

function Outcome({ row, done }: { row: MemberRow; done: boolean }) {
  const { t, format, language } = useI18n();
  const words = t.importMembers.verdicts;
  const word = row.verdict === "added" && !done ? t.importMembers.willAdd : words[row.verdict];
  const fields = row.differs.map((field) => t.fields[field]);
  return (
    <>
      <Status look={LOOKS[row.verdict]} word={word} />
      {fields.length > 0 && <p className="text-caption text-text-3">{t.importMembers.differs(format.list(fields))}</p>}
      {row.problems.map((problem) => {
        const { title, text, words: own } = present(problem, language);
        return (
          <p key={JSON.stringify(problem)} className="text-caption text-error">
            {`${title}. ${text}`}
            <OwnWords words={own} />
          </p>
        );
      })}
    </>
  );
}

function Rows({ report }: { report: MembersImport }) {
  const { t, format } = useI18n();
  const { rows, ignored } = report;
  const done = !report.dry_run;
  const head = "border-b border-border py-1.5 pr-3 text-left text-caption font-normal text-text-3";
  const cell = "border-b border-border py-2 pr-3 align-top wrap-anywhere";
  const counted = (["added", "unchanged", "different", "refused"] as const).map((verdict) => countOf(rows, verdict));
  return (
    <>
      <p role={done ? "status" : undefined} className="text-text-2">
        {t.importMembers.summary(...(counted as [number, number, number, number]), done)}
      </p>
      {ignored.length > 0 && <p className="text-text-2">{t.importMembers.ignored(format.list(ignored.map((heading) => fieldName(t.fields, heading))))}</p>}
      {rows.length > 0 && (
        <table className="w-full table-fixed border-separate border-spacing-0">
          <thead>
            <tr>
              <th scope="col" className={`${head} w-12`}>{t.importMembers.columnLine}</th>
              <th scope="col" className={head}>{t.importMembers.columnName}</th>
              <th scope="col" className={head}>{t.importMembers.columnEmail}</th>
              <th scope="col" className={`${head} w-2/5`}>{t.importMembers.columnOutcome}</th>
            </tr>
          </thead>
          <tbody>
            {shownOf(rows).map((row) => (
              <tr key={row.line}>
                <td className={`${cell} text-text-3 tabular-nums`}>{row.line}</td>
                <td className={`${cell} font-medium`}>{row.name}</td>
                <td className={`${cell} text-text-2`}>{row.email}</td>
                <td className={cell}>
                  <Outcome row={row} done={done} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {rows.length > SHOWN && <p className="text-text-2">{t.importCustomers.more(rows.length - SHOWN)}</p>}
    </>
  );
}

export function ImportMembersDialog({ customer, onClose }: { customer: Customer; onClose(): void }) {
  const { t } = useI18n();
  const toaster = useToaster();
  const run = useCommand("members_import");
  const [file, setFile] = useState<{ file_name: string; content: string }>();
  const [report, setReport] = useState<MembersImport>();
  const problem = problemOf(run.error);
  // The answer has to be read: until it is there, this stays open.
  const keeping = run.isPending && run.variables?.dry_run === false;
  const done = report?.dry_run === false;
  const toAdd = report === undefined ? 0 : countOf(report.rows, "added");

  const look = (file_name: string, content: string) => {
    setFile({ file_name, content });
    setReport(undefined);
    run.mutate({ customer: customer.id, file_name, content, dry_run: true }, { onSuccess: setReport });
  };
  const keep = () => {
    if (file === undefined) return;
    run.mutate(
      { customer: customer.id, ...file, dry_run: false },
      {
        onSuccess: (answer) => {
          toaster.done(({ t }) => t.importMembers.done(countOf(answer.rows, "added")));
          // What was refused or left as it is stays to be read.
          if (answer.rows.every(({ verdict }) => verdict === "added" || verdict === "unchanged")) onClose();
          else setReport(answer);
        },
      },
    );
  };
  return (
    <Dialog open wide onClose={() => keeping || onClose()} title={t.importMembers.title(customer.name)} description={t.importMembers.text}>
      <DialogBody>
        <div className="flex items-center gap-3">
          <FilePicker disabled={keeping} accept=".csv,text/csv" onText={look} />
          <span className="mono truncate text-text-2">{file?.file_name}</span>
        </div>
        {run.isPending && (
          <Waiting label={t.importMembers.asking} className="grid gap-3">
            <p className="text-text-2">{t.importMembers.asking}</p>
            <Skeleton className="w-4/5" />
          </Waiting>
        )}
        {problem !== undefined && <ErrorDisplay problem={problem} compact />}
        {report !== undefined && !run.isPending && <Rows report={report} />}
      </DialogBody>
      <DialogFooter>
        <Button disabled={keeping} onClick={onClose}>{done ? t.common.close : t.common.cancel}</Button>
        {!done && (
          <Button kind="primary" disabled={run.isPending || toAdd === 0} onClick={keep}>
            {t.importMembers.submit(toAdd)}
          </Button>
        )}
      </DialogFooter>
    </Dialog>
  );
}
