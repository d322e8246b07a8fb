/** The field a token is pasted into. It empties itself the moment the token is handed over. */

import { KeyRound } from "lucide-react";
import { useRef } from "react";

import type { Credential } from "@/backend/bindings";
import { Button } from "@/components/Button";
import { Icon } from "@/components/Icon";
import { Input } from "@/components/Field";
import { PROVIDER_TITLES } from "@/components/providers";
import { useI18n } from "@/i18n/I18nProvider";

interface SecretFieldProps {
  credential: Credential;
  busy: boolean;
  onSend(token: string): void;
}

/** The value is the input's own: it is never a state of ours, and so in no snapshot of it. */
export function SecretField({ credential, busy, onSend }: SecretFieldProps) {
  const { t } = useI18n();
  const input = useRef<HTMLInputElement>(null);
  const send = () => {
    const field = input.current;
    const token = field?.value.trim() ?? "";
    if (field === null) return;
    field.value = "";
    if (token === "") {
      field.focus();
      return;
    }
    onSend(token);
  };
  return (
    <form
      autoComplete="off"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <div className="flex items-center gap-2">
        <Input
          ref={input}
          className="flex-1"
          body
          type="password"
          autoComplete="off"
          before={<Icon of={KeyRound} small />}
          aria-label={t.credentials.fieldOf(PROVIDER_TITLES[credential.provider])}
          placeholder={t.credentials.paste(credential.prefix)}
        />
        <Button kind="primary" type="submit" disabled={busy}>
          {busy ? t.credentials.checking : t.credentials.check}
        </Button>
      </div>
      <p className="mt-1.5 text-caption text-text-3">{t.credentials.goesToKeyring}</p>
    </form>
  );
}
