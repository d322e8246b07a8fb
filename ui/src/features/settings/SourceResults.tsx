/** Where a run's results go: the column by which a customer's row is found, and the columns that are written. */

import type { Mapping, ResultField, ResultMapping } from "@/backend/bindings";
import { Field } from "@/components/Field";
import { Select } from "@/components/Select";
import { useI18n } from "@/i18n/I18nProvider";

import { type Column, Columns, Group, NONE } from "./SourceColumns";

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
];

interface ResultsProps {
  mapping: Mapping;
  columns: readonly Column[];
  onChange(mapping: Mapping): void;
}

export function SourceResults({ mapping, columns, onChange }: ResultsProps) {
  const { t } = useI18n();
  const results: ResultMapping = mapping.results ?? {
    table: mapping.table,
    key: mapping.columns.external_id ?? NONE,
    columns: {},
    succeeded: "active",
  };
  // A table behind a view may have columns that the view has not: those that were proposed stay to be chosen.
  const names = new Set([...columns.map(({ value }) => value), results.key, ...Object.values(results.columns)]);
  const targets = [...names].filter((name) => name !== NONE).map((value) => ({ value }));
  const change = (changed: Partial<ResultMapping>) => onChange({ ...mapping, results: { ...results, ...changed } });
  return (
    <Group title={t.source.written(results.table.name)}>
      <Field label={t.source.key} help={t.source.keyText}>
        {(tied) => (
          <Select
            id={tied.id}
            value={results.key}
            options={targets.map((column) => ({ ...column, label: column.value }))}
            onChange={(key) => change({ key })}
          />
        )}
      </Field>
      <Columns
        fields={WRITTEN}
        names={t.source.results}
        chosen={results.columns}
        columns={targets}
        onChange={(chosen) => change({ columns: chosen })}
      />
    </Group>
  );
}
