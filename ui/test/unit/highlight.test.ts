import { expect, it } from "vitest";

import { highlighted, wordsIn } from "@/shell/highlight";

const marked = (text: string, typed: string) =>
  highlighted(text, wordsIn(typed))
    .map((one) => (one.hit ? `[${one.text}]` : one.text))
    .join("");

it("marks what was typed, whatever its case and accents", () => {
  expect(marked("Björkåsa Förskolor", "bjork")).toBe("[Björk]åsa Förskolor");
  expect(marked("Björkåsa Förskolor", " FÖR  asa ")).toBe("Björk[åsa] [För]skolor");
  expect(marked("Bjo\u0308rkåsa", "bjö")).toBe("[Bjö]rkåsa");
});

it("marks nothing where nothing is typed, or where something else is called so", () => {
  expect(highlighted("Åkermark", wordsIn(" "))).toEqual([{ text: "Åkermark", hit: false }]);
  expect(marked("Åkermark", "sjö")).toBe("Åkermark");
});
