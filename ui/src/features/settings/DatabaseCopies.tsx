/** The daily copies of the database, and the way back to one of them where the database is damaged. */

import { useState } from "react";

import type { DatabaseCopy, Diagnosis } from "@/backend/bindings";
import { problemOf } from "@/backend/errors";
import { useCommand } from "@/backend/mutations";
import { Button } from "@/components/Button";
import { Question } from "@/components/Question";
import { useToaster } from "@/components/Toast";
import { ErrorDisplay } from "@/errors/ErrorDisplay";
import { useI18n } from "@/i18n/I18nProvider";

function Restore({ copy }: { copy: DatabaseCopy }) {
  const { t } = useI18n();
  const toaster = useToaster();
  const [asked, setAsked] = useState(false);
  const restore = useCommand("database_restore");
  const problem = problemOf(restore.error);
  return (
    <>
      <Button small onClick={() => setAsked(true)}>
        {t.copies.restore}
      </Button>
      <Question
        open={asked}
        title={t.copies.question(copy.day)}
        text={t.copies.questionText}
        no={t.copies.keep}
        yes={t.copies.restore}
        busy={restore.isPending}
        onNo={() => setAsked(false)}
        onYes={() =>
          restore.mutate(
            { day: copy.day },
            {
              onSuccess: ({ day, set_aside }) => {
                setAsked(false);
                toaster.done(({ t: words }) => words.copies.restored(day), { text: ({ t: words }) => words.copies.setAside(set_aside) });
              },
            },
          )
        }
      >
        {problem !== undefined && <ErrorDisplay problem={problem} compact />}
      </Question>
    </>
  );
}

export function DatabaseCopies({ diagnosis: { copies, findings } }: { diagnosis: Diagnosis }) {
  const { t, format } = useI18n();
  if (copies.length === 0) return null;
  const damaged = findings.some(({ problem }) => problem?.code === "database_damaged");
  return (
    <section className="mt-4">
      <h3 className="text-heading font-semibold">{t.copies.title}</h3>
      <p className="mb-2 text-text-2">{damaged ? t.copies.offer : t.copies.text}</p>
      <ul className="rounded-card border border-border">
        {copies.map((copy) => (
          <li key={copy.day} className="flex items-center gap-3 px-3 py-2 not-first:border-t not-first:border-border">
            <span className="mono flex-1">{copy.day}</span>
            <span className="text-text-2">{t.copies.size(format.number(Math.ceil(copy.bytes / 1024)))}</span>
            {damaged && <Restore copy={copy} />}
          </li>
        ))}
      </ul>
    </section>
  );
}
