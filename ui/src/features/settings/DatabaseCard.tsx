/** Where the central database is, and going over to a server that several desktops share, or back. */

import { type FormEvent, useRef, useState } from "react";

import type { DatabaseView, Problem } from "@/backend/bindings";
import { problemOf } from "@/backend/errors";
import { useDatabaseSet } from "@/backend/mutations";
import { useDatabase } from "@/backend/queries";
import { Button } from "@/components/Button";
import { Checkbox } from "@/components/Checkbox";
import { CopyField } from "@/components/CopyField";
import { Field, Input } from "@/components/Field";
import { Skeleton, Waiting } from "@/components/layout";
import { useToaster } from "@/components/Toast";
import { useLeaving } from "@/components/useLeaving";
import { ErrorDisplay } from "@/errors/ErrorDisplay";
import { Loaded } from "@/errors/Loaded";
import { present } from "@/errors/presentation";
import { useI18n } from "@/i18n/I18nProvider";

/** The command's word for the file on this machine. */
const LOCAL = "local";

const textIn = (field: HTMLInputElement | null) => field?.value.trim() ?? "";

function Chooser({ database, onChosen }: { database: DatabaseView; onChosen(chosen: DatabaseView): void }) {
  const { t, language } = useI18n();
  const toaster = useToaster();
  const set = useDatabaseSet();
  const [bring, setBring] = useState(!database.server);
  const [problem, setProblem] = useState<Problem>();
  // The address itself is at fault; what else is wrong is with the server, or here.
  const fault = problem?.code === "database_url_invalid" ? present(problem, language) : undefined;
  const faults = fault === undefined ? [] : [{ text: `${fault.title}. ${fault.text}`, words: fault.words }];
  const url = useRef<HTMLInputElement>(null);
  const password = useRef<HTMLInputElement>(null);
  // That there is something, not what.
  const [isTyped, setTyped] = useState(false);
  const { question } = useLeaving(isTyped);

  const go = async (to: string, secret: string | null) => {
    setProblem(undefined);
    try {
      const chosen = await set.mutateAsync({ url: to, password: secret, bring });
      // Either may hold a password. After a refusal they stay, to be mended.
      for (const field of [url.current, password.current]) if (field !== null) field.value = "";
      setTyped(false);
      onChosen(chosen);
      const rows = chosen.moved.reduce((sum, one) => sum + one.rows, 0);
      toaster.done(({ t }) => (rows > 0 ? t.database.moved(rows) : chosen.restart ? t.database.chosen : t.database.inUse));
    } catch (error) {
      const refusal = problemOf(error);
      if (refusal === undefined) toaster.failed(({ t }) => t.errors.lost);
      setProblem(refusal);
    }
  };
  const send = (event: FormEvent) => {
    event.preventDefault();
    const to = textIn(url.current);
    if (to === "") url.current?.focus();
    else void go(to, textIn(password.current) || null);
  };

  return (
    <form
      className="mt-3 grid gap-3"
      noValidate
      autoComplete="off"
      onInput={() => setTyped([url, password].some(({ current }) => textIn(current) !== ""))}
      onSubmit={send}
    >
      <Field label={t.database.address} help={t.database.addressText} faults={faults}>
        {(tied) => <Input {...tied} ref={url} mono placeholder={t.database.addressExample} onChange={() => setProblem(undefined)} />}
      </Field>
      <Field label={t.database.password} help={t.database.passwordText}>
        {(tied) => <Input {...tied} ref={password} type="password" />}
      </Field>
      <Checkbox label={database.server ? t.database.bringBack : t.database.bring} checked={bring} onChange={setBring} />
      {problem !== undefined && fault === undefined && <ErrorDisplay problem={problem} compact here="open_settings" />}
      <div className="flex flex-wrap gap-2">
        <Button type="submit" disabled={set.isPending}>
          {set.isPending ? t.database.going : t.database.connect}
        </Button>
        {database.server && (
          <Button disabled={set.isPending} onClick={() => void go(LOCAL, null)}>
            {t.database.back}
          </Button>
        )}
      </div>
      {question}
    </form>
  );
}

export function DatabaseCard() {
  const { t } = useI18n();
  const query = useDatabase();
  // Of the last choice: a question asked anew doesn't say what was left.
  const [chosen, setChosen] = useState<DatabaseView>();
  return (
    <section aria-label={t.database.title} className="mt-6">
      <h3 className="mb-1 text-heading font-semibold">{t.database.title}</h3>
      <p className="mb-2 text-text-2">{t.database.text}</p>
      <Loaded query={query} skeleton={<Waiting><Skeleton className="h-24" /></Waiting>}>
        {(database) => (
          <>
            <CopyField text={database.place} />
            <p className="mt-1 text-caption text-text-3">
              {database.server ? (database.encrypted ? t.database.encrypted : t.database.plain) : t.database.file}
            </p>
            {database.restart && (
              <p role="status" className="mt-2 rounded-control bg-info-bg px-3 py-2">
                {t.database.restart}
              </p>
            )}
            {chosen?.left !== undefined && (
              <p role="status" className="mt-2 wrap-anywhere rounded-control bg-warn-bg px-3 py-2">
                {t.database.left(chosen.left, chosen.others)}
              </p>
            )}
            <Chooser key={String(database.server)} database={database} onChosen={setChosen} />
          </>
        )}
      </Loaded>
    </section>
  );
}
