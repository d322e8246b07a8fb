/** The text of a file, in the encodings that people's programs write: a spreadsheet's CSV is often no UTF-8. */

/** What a file may begin with to say its encoding. What is spoiled is then marked (U+FFFD), and refused where a name is read. */
const MARKS: readonly (readonly [readonly number[], string])[] = [
  [[0xef, 0xbb, 0xbf], "utf-8"],
  [[0xff, 0xfe], "utf-16le"],
  [[0xfe, 0xff], "utf-16be"],
];

const REPLACEMENT = "\u{fffd}";

/**
 * Reads UTF-8, or UTF-16 where the file says so; what is neither is read as Windows' Western European. What has as many
 * letters of UTF-8 as spoiled places is UTF-8: read otherwise, each name would be another without a fault. The command
 * line reads by the same rule, in `encoding.rs`.
 */
export function readText(bytes: Uint8Array): string {
  const [, marked] = MARKS.find(([mark]) => mark.every((byte, place) => bytes[place] === byte)) ?? [];
  if (marked !== undefined) return new TextDecoder(marked).decode(bytes);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    const text = new TextDecoder("utf-8").decode(bytes);
    const others = [...text].filter((letter) => letter > "\u{7f}");
    const spoiled = others.filter((letter) => letter === REPLACEMENT).length;
    return others.length >= 2 * spoiled ? text : new TextDecoder("windows-1252").decode(bytes);
  }
}
