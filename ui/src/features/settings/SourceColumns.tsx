/** Fields of one kind, each with the column that is chosen for it. */

import type { KeyboardEvent, ReactNode } from "react";

import type { Relation } from "@/backend/bindings";
import { isComposing } from "@/components/composing";
import { Field } from "@/components/Field";
import { Select } from "@/components/Select";
import { useI18n } from "@/i18n/I18nProvider";

/** No column: an empty one has no name. */
export const NONE = "" as const;

/** A table's name to people, and within the form: `public` is not said. */
export const nameOf = (table: Relation) => (table.schema === "public" ? table.name : `${table.schema}.${table.name}`);

/** Enter in a field of words does this, and doesn't look at the database anew. */
export const withoutSubmit = (deed?: () => void) => (event: KeyboardEvent) => {
  if (event.key !== "Enter" || isComposing(event.nativeEvent)) return;
  event.preventDefault();
  deed?.();
};

interface Column {
  value: string;
  note?: string;
}

interface GroupProps {
  title: string;
  children: ReactNode;
}

/** Two fields a line, under one title. */
export function Group({ title, children }: GroupProps) {
  return (
    <fieldset className="grid gap-2">
      <legend className="mb-1 font-semibold">{title}</legend>
      <div className="grid grid-cols-2 gap-x-4 gap-y-2">{children}</div>
    </fieldset>
  );
}

interface ColumnsProps<Name extends string> {
  fields: readonly Name[];
  names: Record<Name, string>;
  chosen: Partial<Record<Name, string>>;
  columns: readonly Column[];
  onChange(chosen: Partial<Record<Name, string>>): void;
}

export function Columns<Name extends string>({ fields, names, chosen, columns, onChange }: ColumnsProps<Name>) {
  const { t } = useI18n();
  const choose = (field: Name, column: string) => {
    const others = Object.entries(chosen).filter(([name]) => name !== field);
    onChange(Object.fromEntries(column === NONE ? others : [...others, [field, column]]) as Partial<Record<Name, string>>);
  };
  return fields.map((field) => (
    <Field key={field} label={names[field]}>
      {(tied) => (
        <Select
          {...tied}
          value={chosen[field] ?? NONE}
          options={[{ value: NONE, label: t.source.none }, ...columns.map((column) => ({ ...column, label: column.value }))]}
          onChange={(column) => choose(field, column)}
        />
      )}
    </Field>
  ));
}
