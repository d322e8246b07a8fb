/** Where a run's results go: the table, the column by which a customer's row is found, what is written, and in which words. */

import type { Mapping, Relation, ResultField, ResultMapping, SourceColumnView } from "@/backend/bindings";
import { Field, Input } from "@/components/Field";
import { Select } from "@/components/Select";
import { useI18n } from "@/i18n/I18nProvider";

import { ownResults } from "./mapping";
import { Columns, Group, nameOf, NONE, withoutSubmit } from "./SourceColumns";

const WRITTEN: readonly ResultField[] = [
  "status",
  "production_url",
  "github_repo_url",
  "supabase_project_ref",
  "vercel_project_id",
  "run",
  "error",
  "started_at",
  "completed_at",
  "provisioned_at",
];

const WORDS = ["approved", "rejected", "succeeded", "failed", "removed"] as const;

interface ResultsProps {
  mapping: Mapping;
  tables: readonly Relation[];
  /** Those of the table that results go to. */
  columns: readonly SourceColumnView[];
  onChange(mapping: Mapping): void;
  /** Results are to go to another table, whose columns are not known yet. */
  onTable(table: Relation): void;
}

export function SourceResults({ mapping, tables, columns, onChange, onTable }: ResultsProps) {
  const { t } = useI18n();
  const results = mapping.results ?? ownResults(mapping);
  // What this table lacks stays to be seen: a key of the table before, or a column that is gone.
  const others = [results.key, ...Object.values(results.columns)].filter((name) => name !== NONE && columns.every((column) => column.name !== name));
  const targets = [...columns.map(({ name, kind }) => ({ value: name, note: kind })), ...[...new Set(others)].map((value) => ({ value }))];
  const changed = (change: Partial<ResultMapping>): Mapping => ({ ...mapping, results: { ...results, ...change } });
  const choose = (name: string) => {
    const table = tables.find((other) => nameOf(other) === name);
    // The same one once more would have what is chosen in it proposed anew.
    if (table !== undefined && name !== nameOf(results.table)) onTable(table);
  };
  return (
    <Group title={t.source.written(results.table.name)}>
      <Field label={t.source.target}>
        {(tied) => (
          <Select
            {...tied}
            value={nameOf(results.table)}
            options={tables.map((table) => ({ value: nameOf(table), label: nameOf(table) }))}
            onChange={choose}
          />
        )}
      </Field>
      <Field label={t.source.key} help={t.source.keyText}>
        {(tied) => (
          <Select
            {...tied}
            value={results.key}
            options={targets.map((column) => ({ ...column, label: column.value }))}
            onChange={(key) => onChange(changed({ key }))}
          />
        )}
      </Field>
      <Columns
        fields={WRITTEN}
        names={t.source.results}
        chosen={results.columns}
        columns={targets}
        onChange={(chosen) => onChange(changed({ columns: chosen }))}
      />
      {WORDS.map((outcome) => (
        <Field key={outcome} label={t.source.words[outcome]} help={t.source.wordsText}>
          {(tied) => (
            <Input
              {...tied}
              value={results[outcome] ?? ""}
              onChange={(event) => onChange(changed({ [outcome]: event.target.value || undefined }))}
              onKeyDown={withoutSubmit()}
            />
          )}
        </Field>
      ))}
    </Group>
  );
}
