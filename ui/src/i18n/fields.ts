/** What the fields are called that a problem, the log or an import tells of: one without a name does not compile. */

import type { CustomerPatch, MemberField, NewCustomer, Wish } from "@/backend/bindings";

/** The fields by the names that Rust has for them. Why a request is rejected is one, too. */
type FieldCode = keyof NewCustomer | keyof CustomerPatch | keyof Wish | MemberField | "reason";

export type FieldNames = Readonly<Record<FieldCode, string>>;

/** A field's name; a heading of somebody's own file is called as it is. */
export const fieldName = (names: Readonly<Partial<Record<string, string>>>, field: string): string => names[field] ?? field;

/** The roles and standings that a list of members may name, by what Rust has for them. */
export type MemberWord = "musician" | "planner" | "admin" | "regular" | "substitute" | "trial" | "student" | "resting" | "former";

export type MemberWords = Readonly<Record<MemberWord, string>>;

/** What a field may hold, as somebody writes it in a file: a member's role and standing have words in each language. */
export function expectedOf(field: string, expected: string, words: Readonly<Partial<Record<string, string>>>): string {
  if (field !== "role" && field !== "standing") return expected;
  return expected
    .split(", ")
    .map((word) => words[word] ?? word)
    .join(", ");
}
