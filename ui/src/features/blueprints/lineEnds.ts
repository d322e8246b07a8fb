/** How a text's lines end. The editor has lines alone: what is not edited gets back the end that it had. */

import type { ChangeSet, Text } from "@codemirror/state";

/** What the editor takes for the end of a line. */
const END = /\r\n?|\n/;

export function linesOf(text: string): string[] {
  return text.split(END);
}

/** The end of each line; the last line has none. */
export function endsOf(text: string): string[] {
  return text.match(new RegExp(END, "g")) ?? [];
}

/** The end that most lines have. */
export function usualEnd(ends: readonly string[]): string {
  const count = (end: string) => ends.filter((one) => one === end).length;
  return ["\n", "\r\n", "\r"].reduce((most, end) => (count(end) > count(most) ? end : most));
}

/** The ends that there are, as editors name them. */
const KINDS = [["\n", "LF"], ["\r\n", "CRLF"], ["\r", "CR"]] as const;

function kindsOf(text: string): string[] {
  const ends = new Set(endsOf(text));
  return KINDS.filter(([end]) => ends.has(end)).map(([, name]) => name);
}

/** How lines end otherwise than before, which no line shows: the kinds of ends before and after. They are the same where other lines have them. */
export function endsChange(before: string, after: string): { from: string[]; to: string[] } | undefined {
  const [from, to] = [kindsOf(before), kindsOf(after)];
  // A text of one line has no ends that could be others.
  if (from.length === 0 || to.length === 0) return undefined;
  const sameText = linesOf(before).join("\n") === linesOf(after).join("\n");
  return from.join() !== to.join() || (sameText && before !== after) ? { from, to } : undefined;
}

/** The ends after changes to a text: a new line ends as most do. */
export function endsAfter(ends: readonly string[], usual: string, before: Text, changes: ChangeSet): string[] {
  const pieces: string[][] = [];
  let seen = 0;
  changes.iterChanges((from, to, _from, _to, inserted) => {
    pieces.push(ends.slice(seen, before.lineAt(from).number - 1), Array<string>(inserted.lines - 1).fill(usual));
    seen = before.lineAt(to).number - 1;
  });
  return [...pieces.flat(), ...ends.slice(seen)];
}

/** The whole text again. */
export function withEnds(doc: Text, ends: readonly string[]): string {
  return doc.toJSON().map((line, place) => line + (ends[place] ?? "")).join("");
}
