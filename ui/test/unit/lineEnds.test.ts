/** A text in the editor keeps how its lines end. */

import { ChangeSet, Text } from "@codemirror/state";
import { describe, expect, it } from "vitest";

import { endsAfter, endsChange, endsOf, linesOf, usualEnd, withEnds } from "@/features/blueprints/lineEnds";

describe("the ends of lines", () => {
  const edited = (text: string, ...changes: { from: number; to?: number; insert?: string }[]) => {
    const doc = Text.of(linesOf(text));
    const set = ChangeSet.of(changes, doc.length);
    const ends = endsOf(text);
    return withEnds(set.apply(doc), endsAfter(ends, usualEnd(ends), doc, set));
  };

  it.each(["", "a", "a\n", "a\r\nb\r\n", "a\nb\r\nc\rd", "\r\n\n\r\n"])("are as they were where nothing is changed: %j", (text) => {
    expect(edited(text)).toBe(text);
  });

  it("of new lines are as most are", () => {
    expect(edited("a\r\nb\r\n", { from: 1, insert: "\nx" })).toBe("a\r\nx\r\nb\r\n");
    expect(edited("a\r\nb\r\nc\n", { from: 6, insert: "x\ny\n" })).toBe("a\r\nb\r\nc\nx\r\ny\r\n");
    expect(edited("a\nb", { from: 0, insert: "x\n" })).toBe("x\na\nb");
    expect(edited("", { from: 0, insert: "x\ny" })).toBe("x\ny");
  });

  it("go with the lines that are taken away, and stay with the others", () => {
    expect(edited("a\nb\r\nc\rd\r\n", { from: 2, to: 4 })).toBe("a\nc\rd\r\n");
    expect(edited("a\nb\r\nc\rd\r\n", { from: 0, to: 1, insert: "x" }, { from: 4, to: 6 })).toBe("x\nb\r\nd\r\n");
    expect(edited("a\nb\r\nc", { from: 0, to: 5 })).toBe("");
  });
});

describe("a change of how lines end", () => {
  it.each([
    ["a\nb\n", "a\r\nb\r\n", ["LF"], ["CRLF"]],
    ["a\r\nb\n", "x\nb\n", ["LF", "CRLF"], ["LF"]],
    ["a\rb\n", "a\nb\r", ["LF", "CR"], ["LF", "CR"]],
  ] as const)("from %j to %j is told", (before, after, from, to) => {
    expect(endsChange(before, after)).toEqual({ from, to });
  });

  it.each([
    ["a\nb\n", "a\nb\n"],
    ["a\r\n", "b\r\nc\r\n"],
    ["a", "a\r\n"],
    ["a\n", ""],
  ])("from %j to %j is none", (before, after) => {
    expect(endsChange(before, after)).toBeUndefined();
  });
});
