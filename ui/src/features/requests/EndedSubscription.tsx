/** A subscription that has ended: is the instance paused, removed, or kept? Of one beside the plan nothing is asked. */

import { Link } from "@tanstack/react-router";

import type { OnboardingRequest } from "@/backend/bindings";
import { problemOf } from "@/backend/errors";
import { useCommand } from "@/backend/mutations";
import { useCustomersById } from "@/backend/queries";
import { Button, buttonClass } from "@/components/Button";
import { useToaster } from "@/components/Toast";
import { ErrorDisplay } from "@/errors/ErrorDisplay";
import { useI18n } from "@/i18n/I18nProvider";
import { usePageActs } from "@/shell/PageActs";
import { useShortcut } from "@/shell/ShortcutProvider";

import { ArchiveButton } from "./ArchiveButton";
import { RequestFacts, RequestTitle } from "./RequestFacts";

interface EndedSubscriptionProps {
  request: OnboardingRequest;
  onArchive(): void;
  isArchiving: boolean;
}

export function EndedSubscription({ request, onArchive, isArchiving }: EndedSubscriptionProps) {
  const { t } = useI18n();
  const toaster = useToaster();
  const settle = useCommand("request_settle");
  const problem = problemOf(settle.error);
  const perform = (pause: boolean) =>
    settle.mutate({ request: request.id, pause }, { onSuccess: () => toaster.done(({ t }) => t.requests.settled(request.name)) });
  // One word at a time.
  const canArchive = !settle.isPending && !isArchiving;
  useShortcut("archive", onArchive, canArchive);
  usePageActs(t.palette.actionsFor(request.name), [{ label: t.requests.archive, disabled: !canArchive, onSelect: onArchive }]);
  const { customer, origin } = request;
  const isBeside = origin.from === "stripe" && origin.beside;
  const [found] = useCustomersById(customer === undefined || isBeside ? [] : [customer]);
  const last = found?.row.last_run;
  const removal = last?.purpose === "deprovision" && last.finished_at === undefined ? last : undefined;
  const what = isBeside ? t.requests.endedBeside : customer === undefined ? t.requests.endedUnknown : t.requests.endedText;
  return (
    <div className="grid min-h-0 flex-1 content-start gap-5 overflow-y-auto p-6">
      <RequestTitle request={request} />
      <RequestFacts request={request} />
      {request.problem !== undefined && <ErrorDisplay problem={request.problem} compact quiet />}
      <p>{removal === undefined ? what : t.requests.removing(removal.number)}</p>
      {problem !== undefined && <ErrorDisplay problem={problem} compact />}
      {removal !== undefined ? (
        // It may still be cancelled, or leave something: until it is done nothing is settled.
        <div className="flex flex-wrap gap-2">
          <Link to="/runs/$run" params={{ run: removal.id }} className={buttonClass({})}>
            {t.requests.toRun}
          </Link>
          <ArchiveButton disabled={!canArchive} onArchive={onArchive} />
        </div>
      ) : customer === undefined || isBeside ? (
        <div className="flex flex-wrap gap-2">
          <Button disabled={settle.isPending} onClick={() => perform(false)}>
            {t.requests.settle}
          </Button>
          <ArchiveButton disabled={!canArchive} onArchive={onArchive} />
        </div>
      ) : (
        <>
          <div className="flex flex-wrap gap-2">
            <Button disabled={settle.isPending} onClick={() => perform(true)}>
              {t.requests.pause}
            </Button>
            <Button disabled={settle.isPending} onClick={() => perform(false)}>
              {t.requests.keep}
            </Button>
            <Link to="/customers/$customer" params={{ customer }} search={{ remove: true }} className={buttonClass({})}>
              {t.requests.remove}
            </Link>
            <ArchiveButton disabled={!canArchive} onArchive={onArchive} />
          </div>
          <p className="text-caption text-text-3">
            {t.requests.pauseText} {t.requests.removeText}
          </p>
        </>
      )}
    </div>
  );
}
