/** The form of an agency's own table, held against the same cases as the domain. */

import { expect, it } from "vitest";

import type { Mapping } from "@/backend/bindings";
import { ownResults, readingFrom } from "@/features/settings/mapping";

import cases from "../../../tests/mapping.json";

const table = { schema: "public", name: "clients" };

/** A table whose ids are read from this column. */
const mappingOf = (ids: string | null): Mapping => ({ table, columns: ids === null ? {} : { external_id: ids }, statuses: {} });

it.each(cases.own)("results that nothing is said of go to the row that was read: $ids", ({ ids, key }) => {
  expect(ownResults(mappingOf(ids))).toEqual({ table, key, columns: {} });
});

it.each(cases.reads)("results by $key are found by $becomes where $field is read from $column", ({ ids, key, field, column, becomes }) => {
  const before = mappingOf(ids);
  const mapping = { ...before, results: { ...ownResults(before), key } };
  const now = readingFrom(mapping, { ...mapping.columns, [field]: column ?? undefined });
  expect(now.results?.key).toBe(becomes);
  expect(now.columns).toMatchObject({ [field]: column ?? undefined });
});
