/** The shape of the catalogues of problems: a code without a text does not compile. */

import type { Problem, Provider } from "@/backend/bindings";
import { PROVIDER_TITLES } from "@/components/providers";

/** A problem's code. */
export type Code = Problem["code"];

/** The problem with this code, and its parameters. */
export type ProblemOf<C extends Code> = Extract<Problem, { code: C }>;

/** What failed, and what to do about it. */
export interface ProblemText {
  title: string;
  text: string;
}

/** A text for every code. `vendor` is the vendor's name, or words for it; `moment` writes a time as the reader's clock has it. */
export type ProblemTexts = {
  [C in Code]: (problem: ProblemOf<C>, vendor: string, moment: (at: string) => string) => ProblemText;
};

/** The agency runs the vendor's server itself, and a setting has its address: something else may answer there. */
export const isOnOwnServer = (provider: Provider | undefined) => provider === "n8n" || provider === "gitea";

/** Vendors by the first part of a setting's key. */
const VENDORS: Readonly<Record<string, string>> = PROVIDER_TITLES;

/** What a setting is called in the window, and by which vendor's where several have one of the name; its key where it has no name. */
export function settingName(key: string, called: Readonly<Partial<Record<string, string>>>): string {
  const name = called[key];
  const vendor = VENDORS[key.split(".", 1)[0] ?? ""];
  if (name === undefined) return key;
  return vendor === undefined ? name : `${name} (${vendor})`;
}

/** Names joined for reading; a dash for none. */
export const names = (words: readonly string[]) => (words.length === 0 ? "–" : words.join(", "));

/** Whether the owner's word on the customer makes it the customer's. A table is called with its schema, and is nobody's to adopt. */
export const isAdoptable = (vendor: string, name: string) => vendor === "GitHub" || (vendor === "Supabase" && !name.includes("."));
