/** The credentials alone, for the first-run guide: the same rows as on their page, and the `.env` import. */

import { useState } from "react";

import { useCredentials } from "@/backend/queries";
import { Button } from "@/components/Button";
import { Skeleton, Waiting } from "@/components/layout";
import { ErrorDisplay } from "@/errors/ErrorDisplay";
import { Loaded } from "@/errors/Loaded";
import { useI18n } from "@/i18n/I18nProvider";

import { CredentialRow } from "./CredentialRow";
import { EnvImportDialog } from "./EnvImportDialog";

export function AccountList() {
  const { t } = useI18n();
  const query = useCredentials();
  const [importing, setImporting] = useState(false);
  return (
    <Loaded query={query} skeleton={<Waiting><Skeleton className="h-60 rounded-card" /></Waiting>}>
      {({ credentials, keyring }) => (
        <>
          {keyring.problem !== undefined && (
            <div className="mb-3">
              <ErrorDisplay problem={keyring.problem} quiet />
            </div>
          )}
          <ol className="rounded-card border border-border">
            {credentials.map((credential) => (
              <CredentialRow key={credential.provider} credential={credential} checkingAll={false} usable={keyring.usable} />
            ))}
          </ol>
          <div className="mt-3 flex flex-wrap items-center gap-x-3 gap-y-1">
            <Button onClick={() => setImporting(true)}>{t.credentials.importEnv}</Button>
            <span className="text-caption text-text-3">{t.credentials.goesToKeyring}</span>
          </div>
          {importing && <EnvImportDialog onClose={() => setImporting(false)} />}
        </>
      )}
    </Loaded>
  );
}
