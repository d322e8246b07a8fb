import { afterEach, expect, it, vi } from "vitest";
import { page, userEvent } from "vitest/browser";

import { open } from "./open";

afterEach(() => void vi.restoreAllMocks());

it("a clipboard that can't be written to is said, and the button doesn't claim that it copied", async () => {
  let refused = true;
  vi.spyOn(navigator.clipboard, "writeText").mockImplementation(() => (refused ? Promise.reject(new DOMException("no", "NotAllowedError")) : Promise.resolve()));
  await open("/customers/c4");
  const copy = page.getByRole("button", { name: "Kopiera norrform/client-malarstrand" });
  await userEvent.click(copy);
  await expect.element(page.getByRole("alert").filter({ hasText: "Det gick inte att kopiera" })).toHaveTextContent("Systemet lät inte Fabrik skriva till urklipp.");
  expect(copy.element().textContent).toBe("");
  refused = false;
  await userEvent.click(copy);
  await expect.element(copy).toHaveTextContent("Kopierat");
});
