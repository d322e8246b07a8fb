import { QueryObserver } from "@tanstack/react-query";
import { expect, it, vi } from "vitest";
import { page, userEvent } from "vitest/browser";

import { createQueryClient } from "@/backend/BackendProvider";
import { CommandError, ConnectionError } from "@/backend/errors";
import { keys } from "@/backend/keys";

import { world } from "../world";
import { open } from "./open";

const bar = () => page.getByRole("status", { name: "Aktuella problem" });

it("a locked keyring is said once, above every page, with the way to what mends it", async () => {
  const { history } = await open("/customers", { live: true, fault: "keyring" });
  await expect.element(bar().getByText("Nyckelringen är låst.")).toBeVisible();
  await expect.element(page.getByText("Mälarstrand Konferens")).toBeVisible();
  await userEvent.click(bar().getByRole("button", { name: "Öppna nycklar" }));
  await expect.poll(() => history.location.pathname).toBe("/settings/credentials");
  // The page has all there is to say about it: the bar would say it again.
  await expect.element(page.getByText("Öppna Lösenord och nycklar (Seahorse)", { exact: false })).toBeVisible();
  await expect.element(bar()).not.toBeInTheDocument();
});

it("says of a keyring that is there what it lacks, and not to install one", async () => {
  await open("/settings/credentials", { live: true }, {
    credentials_list: () => ({
      sandbox: false,
      keyring: { backend: "Secret Service", usable: false, tokens: 0, hint: "create_keyring", system: "linux", problem: { code: "keyring_missing", service: "Secret Service" } },
      credentials: [],
    }),
  });
  await expect.element(page.getByText("skapa en standardnyckelring.", { exact: false })).toBeVisible();
  await expect.element(page.getByText(/Installera en/)).not.toBeInTheDocument();
  await expect.element(page.getByText("Datorn har ingen nyckelring")).not.toBeInTheDocument();
  await expect.element(page.getByText("Det finns ingen standardnyckelring")).toBeVisible();
});

it("says in English too how a keyring is mended, by its system", async () => {
  await open("/settings/credentials", { language: "en", live: true }, {
    credentials_list: () => ({
      sandbox: false,
      keyring: { backend: "macOS Keychain", usable: false, tokens: 0, hint: "unlock", system: "macos", problem: { code: "keyring_locked" } },
      credentials: [],
    }),
  });
  await expect.element(page.getByText("Open Keychain Access and unlock login.", { exact: false })).toBeVisible();
});

it("a read that fails keeps what was known, with its age, and is tried again", async () => {
  let busy = false;
  const { port } = await open("/customers");
  await expect.element(page.getByText("Mälarstrand Konferens")).toBeVisible();
  const list = port.answers.customers_list;
  port.answers.customers_list = (given) => {
    if (busy) throw new CommandError({ code: "database_busy" });
    return list?.(given) as never;
  };
  busy = true;
  port.hint("customers");
  await expect.element(bar().getByText("Databasen är upptagen.")).toBeVisible();
  await expect.element(bar().getByText(/Det du ser är från \d\d:\d\d\./)).toBeVisible();
  await expect.element(page.getByText("Mälarstrand Konferens")).toBeVisible();
  busy = false;
  await userEvent.click(bar().getByRole("button", { name: "Försök igen" }));
  await expect.element(bar()).not.toBeInTheDocument();
});

it("a lost connection leaves a list as it was, also on the way back to it, and says from when it is", async () => {
  const { port, history } = await open("/customers");
  await expect.element(page.getByText("Mälarstrand Konferens")).toBeVisible();
  port.answers.customers_list = () => {
    throw new ConnectionError();
  };
  port.connection(false);
  const offline = page.getByText(/Fabrik går inte att nå; försöker igen\. Det du ser är från .+\./);
  await expect.element(offline).toBeVisible();
  history.push("/settings/general");
  await expect.element(page.getByRole("combobox", { name: "Tema" })).toBeVisible();
  history.push("/customers");
  await expect.element(page.getByText("Mälarstrand Konferens")).toBeVisible();
  await expect.element(offline).toBeVisible();
});

it("a list that was left is kept for longer than a connection is gone", async () => {
  vi.useFakeTimers();
  try {
    const client = createQueryClient();
    const queryKey = keys.customers({ sort: "updated", descending: false, limit: 100, offset: 0 });
    const leave = new QueryObserver(client, { queryKey, queryFn: () => Promise.resolve("known") }).subscribe(() => undefined);
    await vi.advanceTimersByTimeAsync(10);
    leave();
    await vi.advanceTimersByTimeAsync(8 * 60 * 60_000);
    expect(client.getQueryData(queryKey)).toBe("known");
  } finally {
    vi.useRealTimers();
  }
});

it("of the lists that were left the newest are kept, not one for each word that was ever typed", () => {
  const client = createQueryClient();
  for (let number = 0; number < 300; number += 1) {
    const queryKey = keys.runs({ search: `word ${number}`, states: [], limit: 50, offset: 0 });
    client.setQueryData(queryKey, { runs: [] }, { updatedAt: number + 1 });
    new QueryObserver(client, { queryKey, queryFn: () => ({ runs: [] }), staleTime: Number.POSITIVE_INFINITY }).subscribe(() => undefined)();
  }
  // A hundred, and the one that was looked at last.
  const kept = client.getQueryCache().findAll({ queryKey: ["runs"] });
  expect(kept.map(({ state }) => state.dataUpdatedAt)).toEqual(Array.from({ length: 101 }, (_, place) => 200 + place));
  client.clear();
});

it("a write that the machine refuses is said there until one goes through", async () => {
  let full = true;
  const { port } = await open("/settings/general");
  const set = port.answers.theme_set;
  port.answers.theme_set = (given) => {
    if (full) throw new CommandError({ code: "disk_full" });
    return set?.(given) as never;
  };
  const choose = async (theme: string) => {
    await userEvent.click(page.getByRole("combobox", { name: "Tema" }));
    await userEvent.click(page.getByRole("option", { name: theme }));
  };
  await choose("Mörkt");
  await expect.element(bar().getByText("Disken är full.")).toBeVisible();
  full = false;
  await choose("Ljust");
  await expect.element(bar()).not.toBeInTheDocument();
});

it.each([
  ["theme_set", "Tema", "Mörkt"],
  ["density_set", "Radhöjd", "Luftig, 44 px"],
  ["language_set", "Språk", "English"],
] as const)("a choice that is not kept is said there, whatever was met: %s", async (command, label, option) => {
  const failing = () => {
    throw new CommandError({ code: "database_failed", detail: "disk I/O error" });
  };
  const { port } = await open("/settings/general", {}, { [command]: failing });
  const choice = page.getByRole("combobox", { name: label });
  const before = choice.element().textContent;
  const choose = async () => {
    await userEvent.click(choice);
    await userEvent.click(page.getByRole("option", { name: option }));
  };
  await choose();
  await expect.element(bar().getByText("Databasen svarade med ett fel.")).toBeVisible();
  await expect.element(bar().getByText("disk I/O error")).toBeVisible();
  await expect.element(choice).toHaveTextContent(before ?? "");
  expect(page.getByText("disk I/O error").elements()).toHaveLength(1);
  Object.assign(port.answers, { [command]: world().answers[command] });
  await choose();
  await expect.element(bar()).not.toBeInTheDocument();
});

it("a choice in the sidebar that is not kept is said on the page of the diagnosis, too", async () => {
  await open("/settings/about", {}, {
    language_set: () => {
      throw new CommandError({ code: "data_directory_unusable", path: "/srv/fabrik" });
    },
  });
  await userEvent.click(page.getByTitle("Språk"));
  await userEvent.click(page.getByRole("menuitemradio", { name: "English" }));
  await expect.element(bar().getByText("Kontrollera rättigheterna till /srv/fabrik.")).toBeVisible();
});

it("the guide says what is wrong with the machine, and of the keyring in its own step", async () => {
  await open("/first-run", {}, { standing: () => [{ code: "keyring_locked" }, { code: "disk_full" }] });
  await expect.element(bar().getByText("Disken är full.")).toBeVisible();
  await expect.element(bar().getByText("sak till är fel", { exact: false })).not.toBeInTheDocument();
});

it("a vendor whose newest call failed is said with its time, and each for itself", async () => {
  const silent = (provider: "github" | "vercel", host: string) => ({ code: "vendor_silent", provider, host, at: "2026-11-21T13:00:00Z" }) as const;
  await open("/customers", {}, {
    standing: () => [silent("github", "api.github.com"), silent("vercel", "api.vercel.com")],
  });
  await expect.element(bar().getByText("GitHub svarar inte som det ska.")).toBeVisible();
  await expect.element(bar().getByText(/Det senaste anropet till api\.github\.com, .*\d\d:\d\d.*, misslyckades/)).toBeVisible();
  await expect.element(bar().getByText("1 sak till är fel.", { exact: false })).toBeVisible();
});
