/** Which column is what: what customers are read from, and where a run's results go. */

import type { Mapping, Relation, SourceColumnView, SourceField } from "@/backend/bindings";
import { useBlueprints } from "@/backend/queries";
import { Field } from "@/components/Field";
import { Select } from "@/components/Select";
import { useI18n } from "@/i18n/I18nProvider";

import { readingFrom } from "./mapping";
import { Columns, Group, NONE } from "./SourceColumns";
import { SourceResults } from "./SourceResults";
import { SourceStatuses } from "./SourceStatuses";

const READ: readonly SourceField[] = [
  "external_id",
  "name",
  "subdomain",
  "contact_email",
  "contact_name",
  "status",
  "plan",
  "language",
  "credits",
  "modules",
  "production_url",
  "github_repo_url",
  "supabase_project_ref",
];

/** What no column says, for all of the table. */
function Usual({ mapping, onChange }: Pick<MappingProps, "mapping" | "onChange">) {
  const { t, language } = useI18n();
  const { data: blueprints = [] } = useBlueprints();
  const plans = blueprints.find(({ name }) => name === (mapping.blueprint ?? blueprints[0]?.name))?.plans ?? [];
  const first = { value: NONE, label: t.source.first };
  return (
    <Group title={t.source.usual}>
      <Field label={t.source.blueprint}>
        {(tied) => (
          <Select
            {...tied}
            value={mapping.blueprint ?? NONE}
            options={[first, ...blueprints.map(({ name }) => ({ value: name, label: name }))]}
            // A plan is a blueprint's.
            onChange={(blueprint) => onChange({ ...mapping, blueprint: blueprint || undefined, plan: undefined })}
          />
        )}
      </Field>
      <Field label={t.source.plan}>
        {(tied) => (
          <Select
            {...tied}
            value={mapping.plan ?? NONE}
            options={[first, ...plans.map(({ name, title }) => ({ value: name, label: title[language] }))]}
            onChange={(plan) => onChange({ ...mapping, plan: plan || undefined })}
          />
        )}
      </Field>
    </Group>
  );
}

interface MappingProps {
  mapping: Mapping;
  tables: readonly Relation[];
  /** Those of the table that is read. */
  columns: readonly SourceColumnView[];
  /** Those of the table that results go to. */
  targets: readonly SourceColumnView[];
  onChange(mapping: Mapping): void;
  /** Results are to go to another table, whose columns are not known yet. */
  onTarget(table: Relation): void;
}

export function SourceMapping({ mapping, tables, columns, targets, onChange, onTarget }: MappingProps) {
  const { t } = useI18n();
  const there = columns.map(({ name, kind }) => ({ value: name, note: kind }));
  return (
    <>
      <Group title={t.source.read}>
        <Columns
          fields={READ}
          names={t.source.fields}
          chosen={mapping.columns}
          columns={there}
          onChange={(chosen) => onChange(readingFrom(mapping, chosen))}
        />
      </Group>
      {mapping.columns.status !== undefined && (
        <SourceStatuses statuses={mapping.statuses} onChange={(statuses) => onChange({ ...mapping, statuses })} />
      )}
      <Usual mapping={mapping} onChange={onChange} />
      <SourceResults mapping={mapping} tables={tables} columns={targets} onChange={onChange} onTable={onTarget} />
    </>
  );
}
