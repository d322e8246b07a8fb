/** New versions: found without a noise, installed on the owner's word, never over runs under way without asking. */

import { describe, expect, it } from "vitest";
import { page, userEvent } from "vitest/browser";

import type { Updates } from "@/backend/shell";

import { refuse } from "../port";
import { open } from "./open";

async function about(language: "sv" | "en" = "sv") {
  const { port } = await open("/settings/about", { desktop: true, language });
  const { shell } = port;
  if (shell === undefined) throw new Error("this is the desktop");
  return shell;
}

const found: Updates = { state: "found", version: "0.2.0" };
const section = () => page.getByRole("region", { name: "Uppdateringar" });
const look = () => userEvent.click(section().getByRole("button", { name: "Sök nu" }));

describe("a new version", () => {
  it("is marked quietly where the settings are, and installed from there", async () => {
    const shell = await about();
    await expect.element(section().getByText("Du har den senaste versionen")).toBeVisible();
    await expect.element(page.getByRole("link", { name: /Version 0\.2\.0 finns/ })).not.toBeInTheDocument();
    shell.update = () => found;
    await look();
    await expect.element(page.getByRole("link", { name: "Inställningar Version 0.2.0 finns" })).toBeVisible();
    await expect.element(page.getByRole("link", { name: "Om Fabrik Version 0.2.0 finns" })).toBeVisible();
    expect(shell.installs, "nobody has asked for it").toEqual([]);
    await userEvent.click(section().getByRole("button", { name: "Installera och starta om" }));
    await expect.poll(() => shell.installs).toEqual([false]);
    // Until the app is started anew.
    await expect.element(section().getByRole("button", { name: "Installerar…" })).toBeDisabled();
  });

  it("waits for runs under way, unless they may be stopped; Enter alone stops none", async () => {
    const shell = await about();
    shell.update = () => found;
    shell.install = (stopRuns) => ({ runs: stopRuns ? 0 : 2 });
    await look();
    const install = section().getByRole("button", { name: "Installera och starta om" });
    await userEvent.click(install);
    await expect.element(page.getByRole("dialog", { name: "2 körningar pågår" })).toBeVisible();
    await expect.element(page.getByRole("button", { name: "Vänta med uppdateringen" })).toHaveFocus();
    await userEvent.keyboard("{Enter}");
    await expect.element(page.getByRole("dialog")).not.toBeInTheDocument();
    expect(shell.installs).toEqual([false]);
    await userEvent.click(install);
    await userEvent.click(page.getByRole("button", { name: "Stoppa och installera" }));
    await expect.poll(() => shell.installs).toEqual([false, false, true]);
  });

  it("that is not signed as it must be is refused in plain words, and can be tried again", async () => {
    const shell = await about("en");
    shell.update = () => found;
    shell.install = () => refuse({ code: "update_failed", fault: "untrusted", detail: "Invalid signature" });
    const updates = page.getByRole("region", { name: "Updates" });
    await userEvent.click(updates.getByRole("button", { name: "Check now" }));
    await userEvent.click(updates.getByRole("button", { name: "Install and restart" }));
    await expect.element(updates.getByRole("alert")).toHaveTextContent(/isn't properly signed.*Invalid signature.*was not installed/);
    await expect.element(updates.getByRole("button", { name: "Install and restart" })).toBeEnabled();
  });
});

describe("where none can be looked for", () => {
  it("that is told in its place, and nowhere else", async () => {
    const shell = await about();
    shell.update = () => refuse({ code: "update_failed", fault: "unreachable", detail: "connection refused" });
    await look();
    await expect.element(section().getByText("Det går inte att se om det finns en ny version")).toBeVisible();
    await expect.element(section().getByText("connection refused")).toBeVisible();
    await userEvent.click(page.getByRole("link", { name: "Kunder" }));
    await expect.element(page.getByRole("heading", { level: 1, name: "Kunder" })).toBeVisible();
    await expect.element(page.getByText("ny version", { exact: false })).not.toBeInTheDocument();
  });

  it.each<[Updates["state"], RegExp]>([
    ["sandbox", /ingenting lämnar datorn/],
    ["unconfigured", /söker inga uppdateringar/],
  ])("%s: says so, and offers nothing to press", async (state, words) => {
    const shell = await about();
    shell.update = () => ({ state }) as Updates;
    await look();
    await expect.element(section().getByText(words)).toBeVisible();
    await expect.element(section().getByRole("button")).not.toBeInTheDocument();
  });

  it("a browser has no word of them", async () => {
    await open("/settings/about");
    await expect.element(page.getByText("Allt som Fabrik står på fungerar.")).toBeVisible();
    await expect.element(section()).not.toBeInTheDocument();
  });
});
