/** A customer's welcome e-mail, as it would go out now; and sent again, after a question. Its text is shown as text: nothing of a mail is rendered here. */

import { useState } from "react";

import type { Customer, MailView, WelcomePreview } from "@/backend/bindings";
import { problemOf } from "@/backend/errors";
import { useCommand } from "@/backend/mutations";
import { useWelcomePreview } from "@/backend/queries";
import { Button } from "@/components/Button";
import { Dialog, DialogBody, DialogFooter } from "@/components/Dialog";
import { Skeleton, Waiting } from "@/components/layout";
import { Question } from "@/components/Question";
import { useToaster } from "@/components/Toast";
import { useNow } from "@/components/useNow";
import { ErrorDisplay } from "@/errors/ErrorDisplay";
import { Loaded } from "@/errors/Loaded";
import { useI18n } from "@/i18n/I18nProvider";

const MINUTE_MS = 60_000;

/** How the one before fared: a sentence. */
function useLast() {
  const { t, format } = useI18n();
  const now = useNow(MINUTE_MS);
  return (last: MailView | undefined): string => {
    if (last === undefined) return t.welcome.never;
    return t.welcome.last[last.state](last.to ?? "", format.moment(last.ended_at ?? last.at, now));
  };
}

function Letter({ preview }: { preview: WelcomePreview }) {
  const { t } = useI18n();
  const heads = [
    { label: t.welcome.from, value: preview.from },
    { label: t.welcome.to, value: preview.to },
    ...(preview.reply_to === undefined ? [] : [{ label: t.welcome.replyTo, value: preview.reply_to }]),
    { label: t.welcome.subject, value: preview.subject },
  ];
  return (
    <>
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1">
        {heads.map(({ label, value }) => (
          <div key={label} className="contents">
            <dt className="text-text-3">{label}</dt>
            <dd className="wrap-anywhere">{value}</dd>
          </div>
        ))}
      </dl>
      <pre
        aria-label={t.welcome.body}
        className="rounded-control border border-border bg-canvas px-3 py-2 font-sans wrap-anywhere whitespace-pre-wrap"
      >
        {preview.text.trimEnd()}
      </pre>
      <p className="text-caption text-text-3">{t.welcome.masked}</p>
    </>
  );
}

function PreviewSkeleton() {
  return (
    <Waiting className="grid gap-4 py-2">
      {Array.from({ length: 5 }, (_, line) => (
        <Skeleton key={line} className="w-4/5" />
      ))}
    </Waiting>
  );
}

export function WelcomeDialog({ customer, onClose }: { customer: Customer; onClose(): void }) {
  const { t } = useI18n();
  const toaster = useToaster();
  const said = useLast();
  const query = useWelcomePreview(customer.id);
  const send = useCommand("welcome_resend");
  const [asked, setAsked] = useState(false);
  const preview = query.data;
  // What the sending came to, where it did not go out: the owner decides what next.
  const problem = problemOf(send.error) ?? send.data?.problem;
  const perform = () =>
    send.mutate(
      { customer: customer.id },
      {
        onSuccess: (mail) => {
          if (mail.state === "sent") {
            toaster.done(({ t }) => t.welcome.sent(mail.to ?? customer.contact_email));
            onClose();
          } else {
            setAsked(false);
          }
        },
        onError: () => setAsked(false),
      },
    );
  if (asked && preview !== undefined) {
    return (
      <Question
        open
        title={t.welcome.askTitle(preview.to)}
        text={`${said(preview.last)} ${t.welcome.askText}`}
        no={t.welcome.dont}
        yes={send.isPending ? t.welcome.sending : t.welcome.send}
        busy={send.isPending}
        onNo={() => setAsked(false)}
        onYes={perform}
      />
    );
  }
  return (
    <Dialog
      open
      onClose={onClose}
      wide
      title={t.welcome.title(customer.name)}
      description={preview === undefined ? undefined : said(preview.last)}
    >
      <DialogBody reading={t.welcome.title(customer.name)}>
        {problem !== undefined && <ErrorDisplay problem={problem} compact />}
        <Loaded query={query} skeleton={<PreviewSkeleton />}>
          {(loaded) => (
            <>
              <Letter preview={loaded} />
              {loaded.refused !== undefined && <ErrorDisplay problem={loaded.refused} compact quiet />}
            </>
          )}
        </Loaded>
      </DialogBody>
      <DialogFooter>
        <Button onClick={onClose}>{t.common.close}</Button>
        <Button disabled={preview === undefined || preview.refused !== undefined} onClick={() => setAsked(true)}>
          {t.welcome.again}
        </Button>
      </DialogFooter>
    </Dialog>
  );
}
