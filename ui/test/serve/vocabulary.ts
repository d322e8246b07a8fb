/** What was read on the screens in each language, and what of it can't be of that language. */

import type { Language } from "@/backend/bindings";
import { createI18n } from "@/i18n/I18nProvider";

/** Words that every other sentence has, and that the other language doesn't know; what is in a table's name is none. */
const TYPICAL: Record<Language, RegExp> = {
  sv: /(?<![\p{L}_-])(och|är|inte|som|för|det|den|ett|av|på|här|när|finns|inga|kund|kunder|körning)(?![\p{L}_-])/iu,
  en: /(?<![\p{L}_-])(the|and|is|not|are|with|this|that|of|has|was|no|customer|customers|run)(?![\p{L}_-])/iu,
};
/** The same in every language: names, keys, units. */
const TECHNICAL = /\b(Fabrik|HTTP|https?|127\.0\.0\.1\S*|Ctrl|Esc|Enter|Shift|v\d+|\d+ min|\d+ kB|Version)\b/g;
const OTHER: Record<Language, Language> = { sv: "en", en: "sv" };

/** Every text of a catalogue that is one, whatever its key. */
function texts(part: unknown, into = new Set<string>()): Set<string> {
  if (typeof part === "string") into.add(part);
  else if (typeof part === "object" && part !== null) for (const inner of Object.values(part)) texts(inner, into);
  return into;
}

/** The words for statuses in an agency's own table, which are keys of an answer. */
function statuses(part: unknown): string[] {
  if (typeof part !== "object" || part === null) return [];
  return Object.entries(part).flatMap(([key, inner]) => [
    ...(key === "statuses" && typeof inner === "object" && inner !== null ? Object.keys(inner) : []),
    ...statuses(inner),
  ]);
}

export class Vocabulary {
  readonly #read: Record<Language, Map<string, string>> = { sv: new Map(), en: new Map() };
  readonly #told = new Set<string>();

  /** Texts that were read on a screen. */
  read(screen: string, language: Language, found: readonly string[]) {
    for (const text of found) if (!this.#read[language].has(text)) this.#read[language].set(text, screen);
  }

  /** What Rust has answered: names, addresses, what vendors say. It is shown as it is. */
  told(answer: unknown) {
    for (const text of [...texts(answer), ...statuses(answer)]) this.#told.add(text.replace(/\s+/g, " ").trim());
  }

  /** A text has words besides what Rust has told and what is the same in every language. */
  #says(text: string, data: readonly string[]): boolean {
    if (this.#told.has(text)) return false;
    // The longest first: a customer's name may be part of an address.
    const rest = data.reduce((left, one) => left.replaceAll(one, " "), text);
    return /\p{L}{2}/u.test(rest.replace(TECHNICAL, " "));
  }

  /** Texts that are of the other language, or the same in both where no catalogue has them so. */
  strays(): string[] {
    const known = { sv: texts(createI18n("sv").t), en: texts(createI18n("en").t) };
    const data = [...this.#told].filter((one) => one.length > 2).sort((one, other) => other.length - one.length);
    const strays: string[] = [];
    for (const language of ["sv", "en"] as const) {
      const other = OTHER[language];
      for (const [text, screen] of this.#read[language]) {
        if (!this.#says(text, data)) continue;
        const foreign = TYPICAL[other].test(text) && !TYPICAL[language].test(text);
        // A setting is told with its vendor's name in parentheses.
        const [word = text] = text.split(" (");
        const literal = language === "sv" && this.#read[other].has(text) && !(known.sv.has(word) && known.en.has(word));
        if (foreign || literal) strays.push(`${screen} in ${language}: ${text}`);
      }
    }
    return strays;
  }
}
