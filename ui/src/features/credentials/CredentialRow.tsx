/** A vendor's credential: where it stands, whose it is, and what can be done with it. */

import { ExternalLink, RotateCw } from "lucide-react";
import { type ReactNode, useState } from "react";

import type { Credential } from "@/backend/bindings";
import { problemOf } from "@/backend/errors";
import { useCredentialRemove, useCredentialSet, useCredentialTest } from "@/backend/mutations";
import { Button, LinkButton } from "@/components/Button";
import { Dialog, DialogBody, DialogFooter } from "@/components/Dialog";
import { ProviderTile } from "@/components/glyphs";
import { Icon } from "@/components/Icon";
import { Chip } from "@/components/layout";
import { PROVIDER_TITLES } from "@/components/providers";
import { credentialLook, credentialWord, type Look, Status } from "@/components/states";
import { useToaster } from "@/components/Toast";
import { useFocusBack } from "@/components/useFocusBack";
import { ErrorDisplay } from "@/errors/ErrorDisplay";
import { useOpening } from "@/errors/useOpening";
import { useI18n } from "@/i18n/I18nProvider";

import { SecretField } from "./SecretField";

const DAY_MS = 86_400_000;
const CHECKING: Look = { shape: "setup", tone: "info", turning: true };

/** More than these are counted: their names have a line of their own, for whoever asks. */
const SCOPES_NAMED = 3;

function Scopes({ scopes }: { scopes: readonly string[] }) {
  const { t } = useI18n();
  const names = scopes.join(", ");
  if (scopes.length <= SCOPES_NAMED) return <span className="mono">{names}</span>;
  return (
    <details className="inline open:block">
      <summary title={names} className="inline-flex w-fit cursor-default rounded-chip underline decoration-border-strong decoration-dotted underline-offset-3 hover:text-text">
        {t.credentials.scopesHeld(scopes.length)}
      </summary>
      <span className="mono block wrap-anywhere">{names}</span>
    </details>
  );
}

function useMeta(credential: Credential): ReactNode[] {
  const { t, format } = useI18n();
  const { state, account, scopes, needed_scopes, last_four, expires_at, source, overruled, checked_at } = credential;
  if (state === "missing") return [t.credentials.uses[credential.provider]];
  const seen = needed_scopes.filter((scope) => scopes.includes(scope));
  const lacks = credential.problem?.code === "credential_scope_missing";
  return [
    account,
    lacks
      ? t.credentials.scopesSeen(seen.length, needed_scopes.length)
      : scopes.length > 0 && <Scopes scopes={scopes} />,
    last_four !== undefined && <span className="mono">{`••••${last_four}`}</span>,
    expires_at === undefined ? undefined : t.credentials.validUntil(format.date(expires_at)),
    source === "environment" && (overruled ? t.credentials.overrulesKeyring : t.credentials.fromEnvironment),
    source === "sandbox" && t.credentials.fromSandbox,
    checked_at === undefined ? undefined : t.credentials.checkedAt(format.moment(checked_at, Date.now())),
  ].filter((part) => part !== undefined && part !== false && part !== "");
}

/** A separator stands before each part, and is cut off at the left edge: no line begins or ends with one. */
function Meta({ credential }: { credential: Credential }) {
  const parts = useMeta(credential);
  return (
    <div className="overflow-x-clip">
      <div className="-ml-5 flex flex-wrap text-mono text-text-2">
        {parts.map((part, place) => (
          <span key={place} className="flex min-w-0">
            <span aria-hidden className="w-5 flex-none text-center text-text-3">
              ·
            </span>
            <span className="min-w-0">{part}</span>
          </span>
        ))}
      </div>
    </div>
  );
}

function useStatusWord(credential: Credential): string {
  const { t } = useI18n();
  if (credential.state !== "expires_soon" || credential.expires_at === undefined) return credentialWord(credential, t);
  return t.credentials.expiresIn(Math.floor((Date.parse(credential.expires_at) - Date.now()) / DAY_MS));
}

function RemoveDialog({ credential, onClose }: { credential: Credential; onClose(): void }) {
  const { t } = useI18n();
  const toaster = useToaster();
  const remove = useCredentialRemove();
  const problem = problemOf(remove.error);
  const vendor = PROVIDER_TITLES[credential.provider];
  return (
    <Dialog open onClose={onClose} title={t.credentials.removeTitle(vendor)} description={t.credentials.removeText}>
      {problem !== undefined && (
        <DialogBody>
          <ErrorDisplay problem={problem} compact />
        </DialogBody>
      )}
      <DialogFooter>
        <Button onClick={onClose}>{t.common.cancel}</Button>
        <Button
          kind="danger"
          disabled={remove.isPending}
          onClick={() =>
            remove.mutate(
              { provider: credential.provider },
              {
                onSuccess: () => {
                  toaster.done(({ t }) => t.credentials.removed(vendor));
                  onClose();
                },
              },
            )
          }
        >
          {t.credentials.remove}
        </Button>
      </DialogFooter>
    </Dialog>
  );
}

/** What was wrong when it was tried, with the vendor's page first where a scope is what is missing. */
function Fault({ credential, onCheck, busy }: { credential: Credential; onCheck(): void; busy: boolean }) {
  const { t, format } = useI18n();
  const { problem, scopes } = credential;
  if (problem === undefined) return null;
  const lacking = problem.code === "credential_scope_missing" ? problem.scopes : [];
  const working = problem.code === "credential_scope_missing" ? scopes : [];
  const without = lacking.flatMap((scope) => t.credentials.without[scope] ?? []);
  return (
    <ErrorDisplay
      problem={problem}
      quiet
      compact
      deedFirst
      here="open_credentials"
      actions={
        <Button small disabled={busy} onClick={onCheck}>
          {t.credentials.checkAgain}
        </Button>
      }
    >
      {(without.length > 0 || working.length > 0) && (
        <p className="text-text-2">{[...without, ...(working.length > 0 ? [t.credentials.works(format.list(working))] : [])].join(" ")}</p>
      )}
    </ErrorDisplay>
  );
}

interface CredentialRowProps {
  credential: Credential;
  /** Every credential is being tried. */
  checkingAll: boolean;
  /** Tokens can be kept. */
  usable: boolean;
}

export function CredentialRow({ credential, checkingAll, usable }: CredentialRowProps) {
  const { t } = useI18n();
  const set = useCredentialSet();
  const test = useCredentialTest();
  const openTokenPage = useOpening("token_page_open");
  const { provider, state, source } = credential;
  const missing = state === "missing";
  const [opened, setOpened] = useState(false);
  const [removing, setRemoving] = useState(false);
  const vendor = PROVIDER_TITLES[provider];
  const busy = set.isPending || test.isPending || checkingAll;
  const word = useStatusWord(credential);
  // A token from the environment or the sandbox isn't ours to change.
  const ours = source === "none" || source === "keyring";
  const open = ours && usable && opened;
  const opener = useFocusBack(open);
  const refusal = problemOf(set.error) ?? problemOf(test.error);
  // What one try was refused says nothing of the next, nor of a token that nobody goes on with. One under way is left be.
  const forget = () => {
    if (set.isError) set.reset();
    if (test.isError) test.reset();
  };
  const check = () => {
    forget();
    test.mutate({ provider });
  };

  return (
    <li data-provider={provider} className="p-3 not-first:border-t not-first:border-border">
      <div className="flex flex-wrap items-start gap-x-3 gap-y-1">
        <ProviderTile provider={provider} />
        <div className="min-w-48 flex-1">
          <div className="flex items-center">
            <h3 className="w-24 flex-none font-medium">{vendor}</h3>
            {busy ? <Status look={CHECKING} word={t.credentials.checking} /> : <Status look={credentialLook(credential)} word={word} />}
          </div>
          <Meta credential={credential} />
        </div>
        <div className="flex items-center gap-1">
          {open && (
            <LinkButton className="mr-1 text-caption" onClick={() => openTokenPage({ provider })}>
              {t.credentials.create(vendor)}
              <Icon of={ExternalLink} small />
            </LinkButton>
          )}
          {!missing && !open && (
            <Button
              kind="ghost"
              small
              icon
              disabled={busy}
              aria-label={t.credentials.checkOf(vendor)}
              title={t.credentials.checkOf(vendor)}
              onClick={check}
            >
              <Icon of={RotateCw} small />
            </Button>
          )}
          {ours && !open && (
            <Button ref={opener} small disabled={busy || !usable} onClick={() => setOpened(true)}>
              {missing ? t.credentials.add : t.credentials.replace}
            </Button>
          )}
          {open && (
            <Button
              kind="ghost"
              small
              onClick={() => {
                forget();
                setOpened(false);
              }}
            >
              {t.common.cancel}
            </Button>
          )}
          {source === "keyring" && !open && (
            <Button kind="ghost" small disabled={busy} onClick={() => setRemoving(true)}>
              {t.credentials.remove}
            </Button>
          )}
        </div>
      </div>
      {(open || (credential.problem !== undefined && usable) || refusal !== undefined) && (
        <div className="mt-2.5 ml-10 grid gap-2">
          {/* What is wrong with the keyring is said once, above. */}
          {!busy && usable && <Fault credential={credential} busy={busy} onCheck={check} />}
          {refusal !== undefined && <ErrorDisplay problem={refusal} compact here="open_credentials" />}
          {open && (
            <>
              {!missing && <p className="text-text-2">{t.credentials.uses[provider]}</p>}
              {credential.needed_scopes.length > 0 && (
                <div className="flex flex-wrap items-center gap-1">
                  <span className="text-caption text-text-3">{t.credentials.scopes}</span>
                  {credential.needed_scopes.map((scope) => (
                    <Chip key={scope} mono>
                      {scope}
                    </Chip>
                  ))}
                </div>
              )}
              <SecretField
                credential={credential}
                busy={busy}
                onSend={(token) => {
                  forget();
                  set.mutate({ provider, token }, { onSuccess: () => setOpened(false) });
                }}
              />
            </>
          )}
        </div>
      )}
      {removing && <RemoveDialog credential={credential} onClose={() => setRemoving(false)} />}
    </li>
  );
}
