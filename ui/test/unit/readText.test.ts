import { expect, it } from "vitest";

import { readText } from "@/components/readText";

const NAME = "Åkermark & Söner";

it("reads UTF-8, with and without its mark", () => {
  const bytes = new TextEncoder().encode(NAME);
  expect(readText(bytes)).toBe(NAME);
  expect(readText(Uint8Array.from([0xef, 0xbb, 0xbf, ...bytes]))).toBe(NAME);
});

it("reads what a Swedish spreadsheet writes", () => {
  // Windows-1252: a byte a character.
  const bytes = Uint8Array.from([...NAME].map((letter) => letter.codePointAt(0) ?? 0));
  expect(readText(bytes)).toBe(NAME);
});

it("reads what a spreadsheet calls Unicode", () => {
  const units = [0xfeff, ...[...NAME].map((letter) => letter.codePointAt(0) ?? 0)];
  expect(readText(Uint8Array.from(units.flatMap((unit) => [unit & 0xff, unit >> 8])))).toBe(NAME);
  expect(readText(Uint8Array.from(units.flatMap((unit) => [unit >> 8, unit & 0xff])))).toBe(NAME);
});
