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

it("makes no other names of the rest where a byte is spoiled", () => {
  const spoiled = [...new TextEncoder().encode("Björk\n"), 0xc5, ...new TextEncoder().encode("kermark\n")];
  const more = [...spoiled, ...new TextEncoder().encode("Älv")];
  expect(readText(Uint8Array.from(more))).toBe("Björk\n\u{fffd}kermark\nÄlv");
  expect(readText(Uint8Array.from([0xef, 0xbb, 0xbf, ...spoiled]))).toBe("Björk\n\u{fffd}kermark\n");
  // As many of each: two bytes that make a letter of UTF-8 are seldom two letters of Windows'.
  expect(readText(Uint8Array.from([0xc5, 0x6b, 0x20, 0xc3, 0xb6]))).toBe("\u{fffd}k ö");
  expect(readText(Uint8Array.from([0xc5, 0x6b, 0x20, 0xc3, 0xb6, 0x20, 0xc4]))).toBe("Åk Ã¶ Ä");
});
