/** A setting of the workspace: its value, where that comes from, and changing it in place. */

import { type FormEvent, type ReactNode, useRef, useState } from "react";

import type { Problem, SettingView } from "@/backend/bindings";
import { problemOf } from "@/backend/errors";
import { useSettingSecretSet, useSettingSet } from "@/backend/mutations";
import { Button } from "@/components/Button";
import { Input } from "@/components/Field";
import { OwnWords } from "@/components/OwnWords";
import { Select } from "@/components/Select";
import { useToaster } from "@/components/Toast";
import { useFocusBack } from "@/components/useFocusBack";
import { useLeaving } from "@/components/useLeaving";
import { ErrorDisplay } from "@/errors/ErrorDisplay";
import { present } from "@/errors/presentation";
import { useI18n } from "@/i18n/I18nProvider";

/** The value itself is at fault. */
const OF_VALUE: ReadonlySet<Problem["code"]> = new Set<Problem["code"]>(["setting_invalid", "base_url_insecure", "email_invalid", "secret_too_long"]);

const isOfValue = (problem: Problem | undefined) => problem !== undefined && OF_VALUE.has(problem.code);

/** Why a setting is not kept: at its value where that is at fault, else all there is to say. */
function Refusal({ problem, id }: { problem: Problem | undefined; id: string }) {
  const { language } = useI18n();
  if (problem === undefined) return null;
  if (!isOfValue(problem)) {
    return (
      <div className="mt-1">
        <ErrorDisplay problem={problem} compact />
      </div>
    );
  }
  const { text, words } = present(problem, language);
  return (
    <div id={id} role="alert" className="text-caption text-error">
      {text}
      <OwnWords words={words} />
    </div>
  );
}

interface EditorProps {
  setting: SettingView;
  name: string;
  onClose(): void;
}

interface EditorFormProps extends Pick<EditorProps, "setting" | "onClose"> {
  problem: Problem | undefined;
  isPending: boolean;
  onSubmit(): void;
  onClear(): void;
  /** The input, tied to what is wrong with its value. */
  children(tied: { "aria-invalid": true | undefined; "aria-describedby": string | undefined }): ReactNode;
}

/** What every setting is changed with, around the input of its kind. */
function EditorForm({ setting, problem, isPending, onSubmit, onClear, onClose, children }: EditorFormProps) {
  const { t } = useI18n();
  const fault = `${setting.key}-fault`;
  return (
    <form
      className="mt-2 grid gap-1"
      autoComplete="off"
      onSubmit={(event: FormEvent) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      <div className="flex items-center gap-2">
        {children(isOfValue(problem) ? { "aria-invalid": true, "aria-describedby": fault } : { "aria-invalid": undefined, "aria-describedby": undefined })}
        {setting.source === "stored" && (
          <Button kind="ghost" disabled={isPending} onClick={onClear}>
            {t.settings.clear}
          </Button>
        )}
        <Button onClick={onClose}>{t.common.cancel}</Button>
        <Button kind="primary" type="submit" disabled={isPending}>
          {t.common.save}
        </Button>
      </div>
      {setting.secret && <p className="text-caption text-text-3">{t.settings.secretText}</p>}
      <Refusal problem={problem} id={fault} />
    </form>
  );
}

/** What follows once a setting is kept. */
function useKept(name: string, onClose: () => void) {
  const toaster = useToaster();
  return {
    onSuccess: () => {
      toaster.done(({ t }) => t.settings.saved(name));
      onClose();
    },
  };
}

function Editor({ setting, name, onClose }: EditorProps) {
  const { t } = useI18n();
  const set = useSettingSet();
  const kept = useKept(name, onClose);
  const [opened] = useState(setting.source === "stored" ? (setting.value ?? "") : "");
  const [value, setValue] = useState(opened);
  const { onKeyDown, question } = useLeaving(value !== opened && !set.isSuccess, onClose);
  const keep = (next: string | null) => set.mutate({ key: setting.key, value: next }, kept);
  return (
    <>
      <EditorForm
        setting={setting}
        problem={problemOf(set.error)}
        isPending={set.isPending}
        onSubmit={() => keep(value.trim() || null)}
        onClear={() => keep(null)}
        onClose={onClose}
      >
        {(tied) => (
          <Input
            {...tied}
            className="flex-1"
            mono
            autoFocus
            value={value}
            placeholder={setting.source === "default" ? setting.value : undefined}
            aria-label={t.settings.valueOf(name)}
            onChange={(event) => setValue(event.target.value)}
            onKeyDown={onKeyDown}
          />
        )}
      </EditorForm>
      {question}
    </>
  );
}

/** What is typed is the input's own: it is never a state of ours, and gone from the field once it is handed over. */
function SecretEditor({ setting, name, onClose }: EditorProps) {
  const { t } = useI18n();
  const set = useSettingSecretSet();
  const kept = useKept(name, onClose);
  const input = useRef<HTMLInputElement>(null);
  // That there is something, not what.
  const [isTyped, setTyped] = useState(false);
  const { onKeyDown, question } = useLeaving(isTyped, onClose);
  const keep = (secret: string) => set.mutate({ key: setting.key, secret }, kept);
  const submit = () => {
    const field = input.current;
    if (field === null) return;
    const secret = field.value;
    field.value = "";
    setTyped(false);
    if (secret.trim() === "") field.focus();
    else keep(secret);
  };
  return (
    <>
      <EditorForm
        setting={setting}
        problem={problemOf(set.error)}
        isPending={set.isPending}
        onSubmit={submit}
        onClear={() => keep("")}
        onClose={onClose}
      >
        {(tied) => (
          <Input
            {...tied}
            ref={input}
            className="flex-1"
            type="password"
            autoComplete="off"
            autoFocus
            aria-label={t.settings.valueOf(name)}
            onInput={({ currentTarget }) => setTyped(currentTarget.value !== "")}
            onKeyDown={onKeyDown}
          />
        )}
      </EditorForm>
      {question}
    </>
  );
}

/** Settings that are one of a few words, in the order that they are offered. */
const CHOICES: Partial<Record<string, readonly string[]>> = {
  "stripe.approve": ["ask", "at_once"],
  "site.check": ["on", "off"],
};

/** A choice is kept as soon as it is made. */
function Choice({ setting, name, words }: Omit<EditorProps, "onClose"> & { words: readonly string[] }) {
  const { t } = useI18n();
  const toaster = useToaster();
  const set = useSettingSet();
  const problem = problemOf(set.error);
  const fault = `${setting.key}-fault`;
  return (
    <>
      <Select
        label={name}
        aria-invalid={isOfValue(problem) || undefined}
        aria-describedby={isOfValue(problem) ? fault : undefined}
        value={set.isPending ? (set.variables.value ?? undefined) : setting.value}
        placeholder={t.settings.unset}
        options={words.map((value) => ({ value, label: t.settings.choices[value] ?? value }))}
        onChange={(value) =>
          set.mutate({ key: setting.key, value }, { onSuccess: () => toaster.done(({ t }) => t.settings.saved(name)) })
        }
      />
      <Refusal problem={problem} id={fault} />
    </>
  );
}

/** What stands there; a choice in words. */
function Value({ value, isWord }: { value: string | undefined; isWord: boolean }) {
  const { t } = useI18n();
  if (value === undefined) return <span className="text-text-3">{t.settings.unset}</span>;
  if (isWord) return <span className="block">{t.settings.choices[value] ?? value}</span>;
  return (
    <span className="mono block truncate" title={value}>
      {value}
    </span>
  );
}

export function SettingRow({ setting }: { setting: SettingView }) {
  const { t } = useI18n();
  const [editing, setEditing] = useState(false);
  const change = useFocusBack(editing);
  const { key, source, overruled, variable, secret } = setting;
  const value = secret && source !== "unset" ? "••••••••" : setting.value;
  const Editing = secret ? SecretEditor : Editor;
  const name = t.settings.names[key] ?? key;
  const note = t.settings.notes[key];
  const words = CHOICES[key];
  const byVariable = overruled ? t.settings.overruledByVariable(variable) : t.settings.setByVariable(variable);
  const fixed = source === "environment" ? byVariable : source === "sandbox" ? t.settings.setBySandbox : undefined;
  return (
    <li className="px-3 py-2 not-first:border-t not-first:border-border">
      <div className="flex min-h-7 items-center gap-3">
        <span className="w-48 flex-none [overflow-wrap:anywhere]" title={key}>
          {name}
          {note !== undefined && <span className="block text-caption text-text-3">{note}</span>}
        </span>
        <div className="min-w-0 flex-1">
          {words === undefined || fixed !== undefined ? (
            <Value value={value} isWord={words !== undefined} />
          ) : (
            <Choice setting={setting} name={name} words={words} />
          )}
          {fixed !== undefined && <span className="block text-caption text-text-3">{fixed}</span>}
        </div>
        {fixed === undefined && source !== "unset" && <span className="text-caption text-text-3">{t.settings.sources[source]}</span>}
        {fixed === undefined && words === undefined && !editing && (
          <Button ref={change} kind="ghost" small aria-label={`${t.settings.change}: ${name}`} onClick={() => setEditing(true)}>
            {t.settings.change}
          </Button>
        )}
      </div>
      {editing && <Editing setting={setting} name={name} onClose={() => setEditing(false)} />}
    </li>
  );
}
