/** What was typed, and which letters of a name are of it: case and accents are of no weight. */

/** A stretch of a text, and whether it was typed. */
export interface Stretch {
  text: string;
  hit: boolean;
}

/** Case and accents are of no weight. */
export function folded(text: string): string {
  return text.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "");
}

/** What was typed, word by word. */
export function wordsIn(typed: string): string[] {
  return folded(typed).split(/\s+/).filter(Boolean);
}

/** Beginnings of words that are shorter say nothing: of those only the whole word counts. */
const SHORTEST = 3;

/** What was typed, parted into the words of an act and the rest, which is a customer's. `between` joins the two in a label. */
export function parted(typed: string, labels: readonly string[], between: string): { act: string[]; rest: string } {
  const known = labels.flatMap((label) => [...wordsIn(label), ...wordsIn(label.replaceAll("-", " "))]);
  const isOfAct = (word: string) => known.some((one) => one === word || (word.length >= SHORTEST && one.startsWith(word)));
  const words = typed.split(/\s+/).filter(Boolean);
  const act = words.map(folded).filter(isOfAct);
  const joins = act.length === 0 ? [] : wordsIn(between);
  return { act, rest: words.filter((word) => !isOfAct(folded(word)) && !joins.includes(folded(word))).join(" ") };
}

/** A text in stretches, of which each word's first place is a hit. */
export function highlighted(text: string, words: readonly string[]): Stretch[] {
  // A letter with its accent beside it is one.
  const letters = [...text.normalize("NFC")];
  // A letter may be folded into more than one, or into none: each knows where it came from.
  const from = letters.flatMap((letter, place) => Array.from({ length: folded(letter).length }, () => place));
  const whole = letters.map(folded).join("");
  const hits = new Set<number>();
  for (const word of words) {
    const at = whole.indexOf(word);
    if (at >= 0) for (const place of from.slice(at, at + word.length)) hits.add(place);
  }
  const stretches: Stretch[] = [];
  for (const [place, letter] of letters.entries()) {
    const last = stretches.at(-1);
    const hit = hits.has(place);
    if (last?.hit === hit) last.text += letter;
    else stretches.push({ text: letter, hit });
  }
  return stretches;
}
