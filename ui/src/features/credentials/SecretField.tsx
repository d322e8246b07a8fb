/** The field a token is pasted into. It can be looked at while it is there, and empties itself the moment it is handed over. */

import { Eye, EyeOff, KeyRound } from "lucide-react";
import { useRef, useState } from "react";

import type { Credential } from "@/backend/bindings";
import { Button } from "@/components/Button";
import { Icon } from "@/components/Icon";
import { Input } from "@/components/Field";
import { PROVIDER_TITLES } from "@/components/providers";
import { useLeaving } from "@/components/useLeaving";
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
  // That there is something, not what.
  const [isTyped, setTyped] = useState(false);
  const [revealed, setRevealed] = useState(false);
  // A vendor shows a token once.
  const { question } = useLeaving(isTyped);
  const send = () => {
    const field = input.current;
    const token = field?.value.trim() ?? "";
    if (field === null) return;
    field.value = "";
    setTyped(false);
    setRevealed(false);
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
      // Whoever has gone elsewhere looks at it no longer.
      onBlur={({ currentTarget, relatedTarget }) => {
        if (!(relatedTarget instanceof Node) || !currentTarget.contains(relatedTarget)) setRevealed(false);
      }}
    >
      <div className="flex items-center gap-2">
        <Input
          ref={input}
          className="flex-1"
          body
          autoFocus
          type={revealed ? "text" : "password"}
          autoComplete="off"
          onInput={({ currentTarget }) => {
            setTyped(currentTarget.value !== "");
            if (currentTarget.value === "") setRevealed(false);
          }}
          before={<Icon of={KeyRound} small />}
          after={
            isTyped && (
              <Button
                kind="ghost"
                small
                icon
                aria-pressed={revealed}
                aria-label={t.credentials.reveal}
                title={t.credentials.reveal}
                className="-mr-1.5"
                // The caret stays in the field.
                onMouseDown={(event) => event.preventDefault()}
                onClick={() => setRevealed(!revealed)}
              >
                <Icon of={revealed ? EyeOff : Eye} small />
              </Button>
            )
          }
          aria-label={t.credentials.fieldOf(PROVIDER_TITLES[credential.provider])}
          placeholder={t.credentials.paste(credential.prefix)}
        />
        <Button kind="primary" type="submit" disabled={busy}>
          {busy ? t.credentials.checking : t.credentials.check}
        </Button>
      </div>
      <p className="mt-1.5 text-caption text-text-3">{t.credentials.goesToKeyring}</p>
      {question}
    </form>
  );
}
