/** Whether this machine can keep secrets; what mends it where it can't. */

import { Lock } from "lucide-react";

import { problemOf } from "@/backend/errors";
import { useKeyringCheck } from "@/backend/queries";
import { Button } from "@/components/Button";
import { Icon } from "@/components/Icon";
import { Skeleton } from "@/components/layout";
import { Status } from "@/components/states";
import { ErrorDisplay } from "@/errors/ErrorDisplay";
import { useI18n } from "@/i18n/I18nProvider";

export function KeyringStep({ sandbox }: { sandbox: boolean }) {
  const { t } = useI18n();
  const { data: keyring, error, isFetching, refetch } = useKeyringCheck();
  const refusal = problemOf(error);
  const again = (
    <Button disabled={isFetching} onClick={() => void refetch()}>
      {isFetching ? t.credentials.checking : t.credentials.checkAgain}
    </Button>
  );
  return (
    <div className="grid gap-3">
      <div className="flex min-h-12 flex-wrap items-center gap-x-2 rounded-card border border-border px-4">
        <Icon of={Lock} className="text-text-2" />
        <span className="font-medium">{t.credentials.keyring}</span>
        {keyring === undefined && error === null ? (
          <>
            <Skeleton className="w-48" />
            <span className="sr-only" aria-busy>{t.credentials.checking}</span>
          </>
        ) : (
          <span className="text-text-2">{keyring?.backend}</span>
        )}
        <span className="ml-auto">
          {keyring !== undefined && (
            <Status
              look={keyring.state === "unlocked" ? { shape: "ok", tone: "ok" } : { shape: "needs", tone: "warn" }}
              word={t.keyringState[keyring.state]}
            />
          )}
        </span>
      </div>
      {keyring?.problem !== undefined && (
        <ErrorDisplay
          problem={keyring.problem}
          todo={keyring.hint === undefined ? undefined : t.keyringHint[keyring.hint]}
          quiet
          mild
          here="open_diagnosis"
          actions={again}
        />
      )}
      {error !== null && (refusal === undefined ? <p>{t.errors.lost}</p> : <ErrorDisplay problem={refusal} actions={again} />)}
      <p className="text-text-2">{keyring?.state === "unlocked" ? t.firstRun.keyringKeeps : sandbox ? t.firstRun.keyringLater : t.firstRun.keyringNeeded}</p>
    </div>
  );
}
