import { expect, it } from "vitest";

import { parted } from "@/shell/highlight";

const LABELS = ["Provisionera", "Visa plan", "Gå till produktion", "Öppna GitHub-repo"];
const part = (typed: string) => parted(typed, LABELS, " för ");

it("parts what is to be done from whose it is", () => {
  expect(part("provisionera Åkermark")).toEqual({ act: ["provisionera"], rest: "Åkermark" });
  expect(part("Visa plan för Åkermark Juristbyrå")).toEqual({ act: ["visa", "plan"], rest: "Åkermark Juristbyrå" });
  expect(part("åkermark repo")).toEqual({ act: ["repo"], rest: "åkermark" });
});

it("takes a name for a name, and two letters for no word", () => {
  expect(part("för pr Åkermark")).toEqual({ act: [], rest: "för pr Åkermark" });
  expect(part("gå till produktion hos Bo")).toEqual({ act: ["ga", "till", "produktion"], rest: "hos Bo" });
});
