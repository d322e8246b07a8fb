/** Whatever leads out of the window says so where the system can't open it. */

import { expect, it } from "vitest";
import { page, userEvent } from "vitest/browser";

import { type Answers, refuse } from "../port";
import { open } from "./open";

const WHAT = "https://example.com/there";
const cant = () => refuse({ code: "nothing_opens", what: WHAT });

/** The page, what is refused, and the button that asks for it. */
const LINKS: readonly (readonly [string, Answers, string])[] = [
  ["/runs/run-c0", { resource_open: cant }, "Öppna i Supabase"],
  ["/runs/run-leftovers", { resource_open: cant }, "Öppna i GitHub"],
  ["/runs/run-done", { link_open: cant }, "Gå till produktion"],
  ["/runs/run-deciding", { candidate_open: cant }, "Titta på den"],
  ["/customers/c3", { token_page_open: cant }, "Ändra behörigheter hos GitHub"],
  ["/settings/credentials", { token_page_open: cant }, "Ändra behörigheter hos GitHub"],
];

it("from the palette, which is gone by then", async () => {
  await open("/customers", {}, { link_open: cant });
  await userEvent.keyboard("{Control>}k{/Control}");
  await userEvent.keyboard("Mälarstrand");
  await userEvent.click(page.getByRole("option", { name: /Supabase/ }));
  const message = page.getByRole("alert").filter({ hasText: "Datorn har inget som öppnar det" });
  await expect.element(message.getByText(`Öppna det för hand: ${WHAT}`)).toBeInTheDocument();
});

it.each(LINKS)("%s says what to open by hand", async (address, answers, name) => {
  await open(address, {}, answers);
  await userEvent.click(page.getByRole("button", { name }).first());
  const message = page.getByRole("alert").filter({ hasText: "Datorn har inget som öppnar det" });
  await expect.element(message.getByText(`Öppna det för hand: ${WHAT}`)).toBeInTheDocument();
});
