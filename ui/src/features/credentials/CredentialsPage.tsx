/** The vendors' credentials: a checklist in any order. A value goes in, and never comes back. */

import { Lock, RotateCw } from "lucide-react";
import { useState } from "react";

import type { CredentialsPage as Page, KeyringView } from "@/backend/bindings";
import { useCredentialTest } from "@/backend/mutations";
import { useCredentials } from "@/backend/queries";
import { Button } from "@/components/Button";
import { Icon } from "@/components/Icon";
import { Skeleton, Waiting } from "@/components/layout";
import { Status } from "@/components/states";
import { ErrorDisplay } from "@/errors/ErrorDisplay";
import { Loaded } from "@/errors/Loaded";
import { useI18n } from "@/i18n/I18nProvider";

import { CredentialRow } from "./CredentialRow";
import { EnvImportDialog } from "./EnvImportDialog";

interface KeyringProps {
  keyring: KeyringView;
  sandbox: boolean;
  checking: boolean;
  /** Looks again. */
  onCheck(): void;
}

/** The sandbox keeps its made-up tokens itself: there is no keyring to name, and nothing in it to count. */
function Keyring({ keyring, sandbox, checking, onCheck }: KeyringProps) {
  const { t } = useI18n();
  return (
    <>
      <div className="my-3 flex min-h-9 flex-wrap items-center gap-x-2 rounded-card border border-border px-3 py-1">
        <Icon of={Lock} className="text-text-2" />
        <span className="font-medium">{t.credentials.keyring}</span>
        <span className="text-text-2">{sandbox ? t.credentials.keyringSandbox : keyring.backend}</span>
        <span className="ml-auto flex items-center gap-2">
          {/* What can't be read can't be counted. */}
          {!sandbox && keyring.usable && <span className="text-caption text-text-3">{t.credentials.keyringTokens(keyring.tokens)}</span>}
          {keyring.usable ? (
            <Status look={{ shape: "ok", tone: "ok" }} word={t.credentials.keyringUnlocked} />
          ) : (
            <Status look={{ shape: "fail", tone: "error" }} word={t.credentials.keyringUnusable} />
          )}
        </span>
      </div>
      {keyring.problem !== undefined && (
        <div className="mb-3">
          <ErrorDisplay
            problem={keyring.problem}
            todo={
              keyring.hint === undefined ? undefined : (
                <>
                  <strong>{t.keyringFix.title}:</strong> {t.keyringFix[keyring.hint][keyring.system]}
                </>
              )
            }
            quiet
            here="open_credentials"
            actions={
              <Button disabled={checking} onClick={onCheck}>
                {checking ? t.credentials.checking : t.credentials.checkAgain}
              </Button>
            }
          >
            <p className="mt-1 text-text-2">{t.keyringFix.kept}</p>
          </ErrorDisplay>
        </div>
      )}
    </>
  );
}

/**
 * Where the credentials stand as a whole: all work only when each one that is needed was seen to. The sandbox needs none of the
 * owner's: there is nothing to count but what it refuses.
 */
function useSummary({ credentials, sandbox }: Page): string {
  const { t } = useI18n();
  const missing = credentials.filter((one) => one.needed && one.state === "missing").length;
  const faulty = credentials.filter((one) => one.state === "rejected").length;
  const unchecked = credentials.filter((one) => one.needed && (one.state === "untested" || one.state === "waits" || one.state === "unreachable")).length;
  if (sandbox) return [t.credentials.sandboxSummary, ...(faulty > 0 ? [t.credentials.summary(0, faulty)] : [])].join(" ");
  const sentences = [
    ...(missing + faulty > 0 ? [t.credentials.summary(missing, faulty)] : []),
    ...(unchecked > 0 ? [t.credentials.unchecked(unchecked)] : []),
  ];
  return sentences.length === 0 ? t.credentials.allWell : sentences.join(" ");
}

function Credentials({ page, looking, onLook }: { page: Page; looking: boolean; onLook(): void }) {
  const { t } = useI18n();
  const test = useCredentialTest();
  const [checkingAll, setCheckingAll] = useState(false);
  const [importing, setImporting] = useState(false);
  const { credentials, keyring, sandbox } = page;
  const summary = useSummary(page);
  const checkAll = async () => {
    setCheckingAll(true);
    const set = credentials.filter((one) => one.state !== "missing");
    await Promise.allSettled(set.map(({ provider }) => test.mutateAsync({ provider })));
    setCheckingAll(false);
  };
  return (
    <>
      <div className="flex flex-wrap items-start gap-2">
        <div className="min-w-60 flex-1">
          <h2 className="text-title font-semibold">{t.credentials.title}</h2>
          <p className="mt-0.5 text-text-2">{summary}</p>
        </div>
        {/* Real tokens have no business in the sandbox, whose own would give way to them. */}
        {!sandbox && <Button onClick={() => setImporting(true)}>{t.credentials.importEnv}</Button>}
        <Button disabled={checkingAll} onClick={() => void checkAll()}>
          <Icon of={RotateCw} small />
          {t.credentials.checkAll}
        </Button>
      </div>
      <Keyring keyring={keyring} sandbox={sandbox} checking={looking} onCheck={onLook} />
      <ol className="rounded-card border border-border">
        {credentials.map((credential) => (
          <CredentialRow
            key={credential.provider}
            credential={credential}
            checkingAll={checkingAll && credential.state !== "missing"}
            usable={keyring.usable}
          />
        ))}
      </ol>
      {sandbox && <p className="mt-3 text-caption text-text-3">{t.credentials.sandboxText}</p>}
      {importing && <EnvImportDialog onClose={() => setImporting(false)} />}
    </>
  );
}

export function CredentialsPage() {
  const query = useCredentials();
  return (
    <Loaded
      query={query}
      skeleton={
        <Waiting className="grid gap-6">
          <Skeleton className="h-7 w-40" />
          {Array.from({ length: 6 }, (_, row) => (
            <Skeleton key={row} className="h-9" />
          ))}
        </Waiting>
      }
    >
      {(page) => <Credentials page={page} looking={query.isFetching} onLook={() => void query.refetch()} />}
    </Loaded>
  );
}
