/** The text of a file, in the encodings that people's programs write: a spreadsheet's CSV is often no UTF-8. */

/** What a file may begin with to say its encoding. */
const MARKS: readonly (readonly [readonly number[], string])[] = [
  [[0xff, 0xfe], "utf-16le"],
  [[0xfe, 0xff], "utf-16be"],
];

/** Reads UTF-8, or UTF-16 where the file says so; what is neither is read as Windows' Western European. */
export function readText(bytes: Uint8Array): string {
  const [, marked] = MARKS.find(([mark]) => mark.every((byte, place) => bytes[place] === byte)) ?? [];
  if (marked !== undefined) return new TextDecoder(marked).decode(bytes);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}
