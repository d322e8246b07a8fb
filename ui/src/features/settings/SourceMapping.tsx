/** Which column is what: what customers are read from, and where a run's results go. */

import type { Mapping, ResultField, SourceColumnView, SourceField } from "@/backend/bindings";
import { useBlueprints } from "@/backend/queries";
import { Field } from "@/components/Field";
import { Select } from "@/components/Select";
import { useI18n } from "@/i18n/I18nProvider";

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

/** No column: an empty one has no name. */
const NONE = "";

interface ColumnsProps<Name extends string> {
  title: string;
  fields: readonly Name[];
  names: Record<Name, string>;
  chosen: Partial<Record<Name, string>>;
  columns: readonly { value: string; note?: string }[];
  onChange(chosen: Partial<Record<Name, string>>): void;
}

function Columns<Name extends string>({ title, fields, names, chosen, columns, onChange }: ColumnsProps<Name>) {
  const { t } = useI18n();
  const choose = (field: Name, column: string) => {
    const others = Object.entries(chosen).filter(([name]) => name !== field);
    onChange(Object.fromEntries(column === NONE ? others : [...others, [field, column]]) as Partial<Record<Name, string>>);
  };
  return (
    <fieldset className="grid gap-2">
      <legend className="mb-1 font-semibold">{title}</legend>
      <div className="grid grid-cols-2 gap-x-4 gap-y-2">
        {fields.map((field) => (
          <Field key={field} label={names[field]}>
            {(tied) => (
              <Select
                id={tied.id}
                value={chosen[field] ?? NONE}
                options={[{ value: NONE, label: t.source.none }, ...columns.map((column) => ({ ...column, label: column.value }))]}
                onChange={(column) => choose(field, column)}
              />
            )}
          </Field>
        ))}
      </div>
    </fieldset>
  );
}

/** What no column says, for all of the table. */
function Usual({ mapping, onChange }: Pick<MappingProps, "mapping" | "onChange">) {
  const { t, language } = useI18n();
  const { data: blueprints = [] } = useBlueprints();
  const plans = blueprints.find(({ name }) => name === (mapping.blueprint ?? blueprints[0]?.name))?.plans ?? [];
  const first = { value: NONE, label: t.source.first };
  return (
    <fieldset className="grid gap-2">
      <legend className="mb-1 font-semibold">{t.source.usual}</legend>
      <div className="grid grid-cols-2 gap-x-4 gap-y-2">
        <Field label={t.source.blueprint}>
          {(tied) => (
            <Select
              id={tied.id}
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
              id={tied.id}
              value={mapping.plan ?? NONE}
              options={[first, ...plans.map(({ name, title }) => ({ value: name, label: title[language] }))]}
              onChange={(plan) => onChange({ ...mapping, plan: plan || undefined })}
            />
          )}
        </Field>
      </div>
    </fieldset>
  );
}

interface MappingProps {
  mapping: Mapping;
  columns: readonly SourceColumnView[];
  onChange(mapping: Mapping): void;
}

export function SourceMapping({ mapping, columns, onChange }: MappingProps) {
  const { t } = useI18n();
  const there = columns.map(({ name, kind }) => ({ value: name, note: kind }));
  const { results } = mapping;
  // A table behind a view may have columns that the view has not: those that were proposed stay to be chosen.
  const targets = [...new Set([...there.map(({ value }) => value), ...Object.values(results?.columns ?? {})])];
  const key = mapping.columns.external_id;
  return (
    <>
      <Columns
        title={t.source.read}
        fields={READ}
        names={t.source.fields}
        chosen={mapping.columns}
        columns={there}
        onChange={(chosen) => onChange({ ...mapping, columns: chosen })}
      />
      <Usual mapping={mapping} onChange={onChange} />
      <Columns
        title={t.source.written(results?.table.name ?? mapping.table.name)}
        fields={WRITTEN}
        names={t.source.results}
        chosen={results?.columns ?? {}}
        columns={targets.map((value) => ({ value }))}
        onChange={(chosen) =>
          onChange({
            ...mapping,
            results: Object.keys(chosen).length === 0 ? undefined : { ...(results ?? { table: mapping.table, key: key ?? NONE, succeeded: "active" }), columns: chosen },
          })
        }
      />
    </>
  );
}
