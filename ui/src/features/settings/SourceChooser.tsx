/** Connecting an agency's own table: its address, what is proposed, ten rows as they would become, then the deed. */

import { type FormEvent, useRef, useState } from "react";

import type { Mapping, Preset, Problem, Relation, SourceColumnView, SourceLook, SourcePreview } from "@/backend/bindings";
import { problemOf } from "@/backend/errors";
import { useCommand } from "@/backend/mutations";
import { Button } from "@/components/Button";
import { Field, Input } from "@/components/Field";
import { Select } from "@/components/Select";
import { useToaster } from "@/components/Toast";
import { useLeaving } from "@/components/useLeaving";
import { ErrorDisplay } from "@/errors/ErrorDisplay";
import { useI18n } from "@/i18n/I18nProvider";

import { Group, nameOf, NONE } from "./SourceColumns";
import { SourceMapping } from "./SourceMapping";
import { SourceRows } from "./SourceRows";

const PRESETS: readonly Preset[] = ["factory", "agency", "orchestra", "client-stack"];

/** What is sent: results that go into no column go nowhere. While columns are chosen, their table, key and words stay. */
const settled = (mapping: Mapping): Mapping =>
  Object.keys(mapping.results?.columns ?? {}).length === 0 ? { ...mapping, results: undefined } : mapping;

interface ChooserProps {
  /** The mapping that is connected, which is mended; its address stays, and its password where none is typed. */
  known?: Mapping;
  onConnected(): void;
  onCancel?(): void;
}

export function SourceChooser({ known, onConnected, onCancel }: ChooserProps) {
  const { t } = useI18n();
  const toaster = useToaster();
  const look = useCommand("source_look");
  const redirect = useCommand("source_results_to");
  const preview = useCommand("source_preview");
  const connect = useCommand("source_connect");
  const [found, setFound] = useState<SourceLook>();
  const [mapping, setMapping] = useState<Mapping>();
  // As it was proposed or is connected: what differs is the owner's choice.
  const [proposed, setProposed] = useState<Mapping>();
  const [targets, setTargets] = useState<SourceColumnView[]>([]);
  const [shown, setShown] = useState<{ of: Mapping; preview: SourcePreview }>();
  // What was shown of another mapping, or comes late for one, says nothing of this.
  const rows = shown !== undefined && shown.of === mapping ? shown.preview : undefined;
  const [problem, setProblem] = useState<Problem>();
  const url = useRef<HTMLInputElement>(null);
  const password = useRef<HTMLInputElement>(null);
  // That there is something, not what.
  const [isTyped, setTyped] = useState(false);
  const { question } = useLeaving(isTyped || mapping !== proposed);
  // Read where they are, and kept nowhere else: a password is the field's until it is handed over.
  const address = () => ({ url: url.current?.value.trim() || null, password: password.current?.value.trim() || null });

  const attempt = async (deed: () => Promise<void>) => {
    setProblem(undefined);
    try {
      await deed();
    } catch (error) {
      setProblem(problemOf(error) ?? { code: "internal" });
    }
  };
  /** The columns of the table that results go to. */
  const targetsOf = async ({ table, results }: Mapping, seen: SourceLook) => {
    const target = results?.table ?? table;
    if (nameOf(target) === nameOf(table)) return seen.columns;
    const proposed = seen.mapping?.results?.table;
    if (proposed !== undefined && nameOf(proposed) === nameOf(target)) return seen.written;
    return (await look.mutateAsync({ ...address(), preset: null, table: target })).columns;
  };
  const ask = (preset: Preset | null, table: Relation | null) =>
    attempt(async () => {
      const answer = await look.mutateAsync({ ...address(), preset, table });
      const next = found === undefined && known !== undefined ? known : answer.mapping;
      setTargets(next === undefined ? [] : await targetsOf(next, answer));
      setFound(answer);
      setMapping(next);
      setProposed(next);
      setShown(undefined);
    });
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (known === undefined && address().url === null) url.current?.focus();
    else void ask(null, known?.table ?? null);
  };
  const writeTo = (table: Relation, before: Mapping, seen: SourceLook) =>
    attempt(async () => {
      const next = await redirect.mutateAsync({ ...address(), preset: seen.preset ?? null, mapping: before, table });
      setTargets(await targetsOf(next, seen));
      const { results } = next;
      if (results === undefined) return;
      const { columns } = results;
      // What was chosen while the server was asked stays, a key and words too; the columns are those of the table.
      const chosen = (now: Mapping) => (now.results === before.results ? results : { ...(now.results ?? results), table, columns });
      setMapping((now) => now && { ...now, results: chosen(now) });
    });
  const show = (chosen: Mapping) =>
    attempt(async () => setShown({ of: chosen, preview: await preview.mutateAsync({ ...address(), mapping: settled(chosen) }) }));
  const keep = (chosen: Mapping) =>
    attempt(async () => {
      await connect.mutateAsync({ ...address(), mapping: settled(chosen) });
      for (const field of [url.current, password.current]) if (field !== null) field.value = "";
      setTyped(false);
      setProposed(chosen);
      toaster.done(({ t }) => t.source.connected);
      onConnected();
    });

  return (
    <form
      className="mt-3 grid max-w-[720px] gap-3"
      noValidate
      autoComplete="off"
      onInput={() => setTyped([url, password].some(({ current }) => (current?.value ?? "") !== ""))}
      onSubmit={send}
    >
      {known === undefined && (
        <Field label={t.source.address} help={t.source.addressText}>
          {(tied) => <Input {...tied} ref={url} mono placeholder={t.source.addressExample} />}
        </Field>
      )}
      <Field label={t.source.password} help={known === undefined ? t.source.passwordText : t.source.passwordKnownText}>
        {/* A table that is known is mended by a press, whose button is gone then. */}
        {(tied) => <Input {...tied} ref={password} type="password" autoFocus={known !== undefined} />}
      </Field>
      {problem !== undefined && <ErrorDisplay problem={problem} compact />}
      <div className="flex flex-wrap gap-2">
        <Button type="submit" disabled={look.isPending}>
          {look.isPending ? t.source.looking : t.source.look}
        </Button>
        {onCancel !== undefined && <Button onClick={onCancel}>{t.common.cancel}</Button>}
      </div>
      {found !== undefined && (
        <Group title={t.source.found}>
          <Field label={t.source.table}>
            {(tied) => (
              <Select
                {...tied}
                value={mapping === undefined ? NONE : nameOf(mapping.table)}
                options={found.tables.map((table) => ({ value: nameOf(table), label: nameOf(table) }))}
                onChange={(name) => void ask(null, found.tables.find((table) => nameOf(table) === name) ?? null)}
              />
            )}
          </Field>
          <Field label={t.source.preset} help={t.source.presetText}>
            {(tied) => (
              <Select
                {...tied}
                value={found.preset}
                // Which one knows the table is told by its name; that none does can't be chosen.
                placeholder={t.source.noPreset}
                options={PRESETS.map((preset) => ({ value: preset, label: preset }))}
                onChange={(preset) => void ask(preset, mapping?.table ?? null)}
              />
            )}
          </Field>
        </Group>
      )}
      {found !== undefined && mapping !== undefined && (
        <>
          <SourceMapping
            mapping={mapping}
            tables={found.tables}
            columns={found.columns}
            targets={targets}
            onChange={setMapping}
            onTarget={(table) => void writeTo(table, mapping, found)}
          />
          {rows !== undefined && <SourceRows preview={rows} />}
          <div className="flex flex-wrap gap-2">
            <Button disabled={preview.isPending} onClick={() => void show(mapping)}>
              {t.source.preview}
            </Button>
            <Button
              kind="primary"
              disabled={connect.isPending || rows === undefined || rows.problems.length > 0}
              onClick={() => void keep(mapping)}
            >
              {t.source.connect}
            </Button>
          </div>
        </>
      )}
      {question}
    </form>
  );
}
