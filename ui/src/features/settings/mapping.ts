/** What a mapping becomes by what is chosen in its form: as the domain's `Mapping` has it for the command line, without a question at each choice. `tests/mapping.json` holds the two together. */

import type { Mapping, ResultMapping } from "@/backend/bindings";

import { NONE } from "./SourceColumns";

/** The mapping that reads from these columns. Results that were found by the column of ids are found by the new one: a result by another id would be another customer's. */
export function readingFrom(mapping: Mapping, columns: Mapping["columns"]): Mapping {
  const { results } = mapping;
  if (results === undefined || results.key !== (mapping.columns.external_id ?? NONE)) return { ...mapping, columns };
  return { ...mapping, columns, results: { ...results, key: columns.external_id ?? NONE } };
}

/** Where results go if nothing is said of them: to the table itself, each to the row that it was read from. */
export function ownResults({ table, columns }: Mapping): ResultMapping {
  return { table, key: columns.external_id ?? NONE, columns: {} };
}
