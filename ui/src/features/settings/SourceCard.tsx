/** The agency's own table of customers: what is connected and what came of it, or what there is to connect. */

import { type FormEvent, useEffect, useRef, useState } from "react";

import type { ConnectedSource, Problem, SourceReport } from "@/backend/bindings";
import { problemOf } from "@/backend/errors";
import { useCommand } from "@/backend/mutations";
import { useSource } from "@/backend/queries";
import { Button } from "@/components/Button";
import { CopyField } from "@/components/CopyField";
import { Field, Input } from "@/components/Field";
import { Skeleton, Waiting } from "@/components/layout";
import { Question } from "@/components/Question";
import { useLeaving } from "@/components/useLeaving";
import { ErrorDisplay } from "@/errors/ErrorDisplay";
import { Loaded } from "@/errors/Loaded";
import { present } from "@/errors/presentation";
import { useI18n } from "@/i18n/I18nProvider";

import { SourceChooser } from "./SourceChooser";

/** How many of the refused rows are shown. */
const SHOWN = 10;

/** What keeps results from the table whoever's they are: it is mended here, in the mapping or by rights to the table. */
const OF_MAPPING: ReadonlySet<Problem["code"]> = new Set<Problem["code"]>([
  "source_results_nowhere",
  "source_read_only",
  "source_table_missing",
  "source_rows_hidden",
  "source_column_missing",
  "source_column_unfit",
  "source_column_locked",
  "source_rights_missing",
]);

/** Why no result can be written, where a fetch went well but for that: a row tells what it is, and not what to do. */
const amissIn = (report: SourceReport | undefined): Problem | undefined =>
  report?.untold.flatMap(({ problems }) => problems).find(({ code }) => OF_MAPPING.has(code));

function Report({ report }: { report: SourceReport }) {
  const { t, language } = useI18n();
  const refused = [...report.untold, ...report.refusals];
  return (
    <div className="grid gap-1 text-text-2">
      <p>{t.source.report(report)}</p>
      {refused.slice(0, SHOWN).map((row) => (
        <p key={`${row.key} ${row.name}`} className="text-caption text-error">
          {`${row.name || row.key}: ${row.problems.map((problem) => present(problem, language).title).join(". ")}`}
        </p>
      ))}
    </div>
  );
}

/** The password that this machine's keyring lacks: another desktop has connected the table, or it was changed at the server. */
function Password({ onKept }: { onKept(): void }) {
  const { t, language } = useI18n();
  const keep = useCommand("source_password");
  const input = useRef<HTMLInputElement>(null);
  // That there is something, not what.
  const [isTyped, setTyped] = useState(false);
  const { question } = useLeaving(isTyped);
  const problem = problemOf(keep.error);
  const send = (event: FormEvent) => {
    event.preventDefault();
    const password = input.current?.value.trim() ?? "";
    if (password === "") {
      input.current?.focus();
      return;
    }
    keep.mutate(
      { password },
      {
        onSuccess: () => {
          if (input.current !== null) input.current.value = "";
          setTyped(false);
          onKept();
        },
      },
    );
  };
  return (
    <form className="grid gap-2" noValidate autoComplete="off" onSubmit={send}>
      <Field label={t.source.password} help={t.source.keptText} faults={problem === undefined ? [] : [present(problem, language).title]}>
        {(tied) => <Input {...tied} ref={input} type="password" onInput={({ currentTarget }) => setTyped(currentTarget.value !== "")} />}
      </Field>
      <div>
        <Button type="submit" disabled={keep.isPending}>
          {t.common.save}
        </Button>
      </div>
      {question}
    </form>
  );
}

interface ConnectedProps {
  source: ConnectedSource;
  refresh: ReturnType<typeof useCommand<"source_refresh">>;
}

function Connected({ source, refresh }: ConnectedProps) {
  const { t, format } = useI18n();
  // None until it was begun: the button takes the focus again only where that was closed.
  const [mending, setMending] = useState<boolean>();
  const [leaving, setLeaving] = useState(false);
  const disconnect = useCommand("source_disconnect");
  const refusal = problemOf(disconnect.error);
  const report = refresh.data ?? source.report;
  const failed = problemOf(refresh.error) ?? source.problem ?? amissIn(report);
  const { mapping } = source;
  // A fetch of the minute tells more than the press before it did.
  const seenAt = useRef(source.seen_at);
  useEffect(() => {
    if (seenAt.current === source.seen_at) return;
    seenAt.current = source.seen_at;
    if (!refresh.isPending) refresh.reset();
  });
  return (
    <div className="grid max-w-[720px] gap-3">
      <CopyField text={source.place} />
      <p className="text-caption text-text-3">
        {t.source.tables(mapping.table.name, mapping.results?.table.name)}
        {source.seen_at !== undefined && ` ${t.source.seen(format.moment(source.seen_at, Date.now()))}`}
      </p>
      {source.untold > 0 && <p role="status">{t.source.untold(source.untold)}</p>}
      {failed !== undefined && <ErrorDisplay problem={failed} compact />}
      {failed?.code === "source_login_refused" && mending !== true && <Password onKept={() => refresh.mutate({})} />}
      {report?.kept_back !== undefined && <ErrorDisplay problem={report.kept_back} compact mild quiet />}
      {report !== undefined && <Report report={report} />}
      <div className="flex flex-wrap gap-2">
        <Button disabled={refresh.isPending} onClick={() => refresh.mutate({})}>
          {refresh.isPending ? t.source.refreshing : t.source.refresh}
        </Button>
        {mending !== true && <Button autoFocus={mending === false} onClick={() => setMending(true)}>{t.source.mend}</Button>}
        <Button onClick={() => setLeaving(true)}>{t.source.disconnect}</Button>
      </div>
      <Question
        open={leaving}
        title={t.source.leaveTitle}
        text={t.source.leaveText}
        no={t.source.stay}
        yes={t.source.disconnect}
        busy={disconnect.isPending}
        onNo={() => setLeaving(false)}
        onYes={() =>
          disconnect.mutate(
            {},
            {
              onSuccess: () => {
                setLeaving(false);
                // What came of this table is nothing of the next one's.
                refresh.reset();
              },
            },
          )
        }
      >
        {(source.untold > 0 || refusal !== undefined) && (
          <>
            {source.untold > 0 && <p>{t.source.leaveUntold(source.untold)}</p>}
            {refusal !== undefined && <ErrorDisplay problem={refusal} compact />}
          </>
        )}
      </Question>
      {mending === true && (
        <SourceChooser
          known={mapping}
          onConnected={() => {
            setMending(false);
            refresh.mutate({});
          }}
          onCancel={() => setMending(false)}
        />
      )}
    </div>
  );
}

export function SourceCard() {
  const { t } = useI18n();
  const query = useSource();
  // Here, so that what is connected is fetched at once: not with the next look of the minute.
  const refresh = useCommand("source_refresh");
  return (
    <section aria-label={t.source.title} className="mt-6">
      <h3 className="mb-1 text-heading font-semibold">{t.source.title}</h3>
      <p className="mb-2 text-text-2">{t.source.text}</p>
      <Loaded query={query} skeleton={<Waiting><Skeleton className="h-24" /></Waiting>}>
        {({ connected }) =>
          connected === undefined ? (
            <SourceChooser onConnected={() => refresh.mutate({})} />
          ) : (
            <Connected source={connected} refresh={refresh} />
          )
        }
      </Loaded>
    </section>
  );
}
