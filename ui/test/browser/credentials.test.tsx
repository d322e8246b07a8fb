import { expect, it } from "vitest";
import { page, userEvent } from "vitest/browser";

import { CommandError } from "@/backend/errors";

import { credential, credentialsPage } from "../records/credentials";
import { later, open } from "./open";

const TOKEN = "re_canary_9f27c1d4e8";
const resend = () => page.getByRole("listitem").filter({ hasText: "Resend" });
const field = () => page.getByLabelText("Nyckel för Resend");

/** Everywhere a value could be seen: the document, its fields, and what the browser keeps. */
function everywhere(): string {
  const fields = [...document.querySelectorAll("input, textarea")].map((one) => (one as HTMLInputElement).value);
  return [document.documentElement.outerHTML, ...fields, JSON.stringify({ ...localStorage }), JSON.stringify({ ...sessionStorage })].join("\n");
}

async function paste() {
  await userEvent.click(resend().getByRole("button", { name: "Lägg till nyckel" }));
  await userEvent.fill(field(), TOKEN);
  await userEvent.click(resend().getByRole("button", { name: "Kontrollera", exact: true }));
}

it("empties the field the moment the token is handed over, and never shows it", async () => {
  const answered = later<null>();
  const { port } = await open("/settings/credentials");
  const set = port.answers.credential_set;
  port.answers.credential_set = async (given) => {
    await answered.promise;
    return set?.(given) ?? credential("resend", {});
  };
  await paste();
  await expect.poll(() => port.callsOf("credential_set")).toEqual([{ provider: "resend", token: TOKEN }]);
  expect(everywhere()).not.toContain(TOKEN);
  await expect.element(field()).toHaveValue("");
  answered.settle(null);
  await expect.element(resend().getByText("••••d4e8")).toBeVisible();
  await expect.element(field()).not.toBeInTheDocument();
  expect(everywhere()).not.toContain(TOKEN);
});

it("begins in its field, and gives the focus back to its button: by Cancel, and once the token is kept", async () => {
  await open("/settings/credentials");
  await userEvent.click(resend().getByRole("button", { name: "Lägg till nyckel" }));
  await expect.element(field()).toHaveFocus();
  await userEvent.click(resend().getByRole("button", { name: "Avbryt" }));
  await expect.element(resend().getByRole("button", { name: "Lägg till nyckel" })).toHaveFocus();
  await paste();
  await expect.element(resend().getByRole("button", { name: "Ersätt" })).toHaveFocus();
});

it("is empty after a refusal too, and says why", async () => {
  await open("/settings/credentials", {}, {
    credential_set: () => {
      throw new CommandError({ code: "credential_rejected", provider: "resend", detail: "API key is invalid" });
    },
  });
  await paste();
  await expect.element(resend().getByText("Resend avvisar nyckeln")).toBeVisible();
  await expect.element(field()).toHaveValue("");
  expect(everywhere()).not.toContain(TOKEN);
});

it("says no more of a refusal once the token is given up, or another try went well", async () => {
  const { port } = await open("/settings/credentials");
  const set = port.answers.credential_set;
  port.answers.credential_set = () => {
    throw new CommandError({ code: "credential_rejected", provider: "resend", detail: "API key is invalid" });
  };
  const refusal = resend().getByText("Resend avvisar nyckeln");
  await paste();
  await expect.element(refusal).toBeVisible();
  await userEvent.click(resend().getByRole("button", { name: "Avbryt" }));
  await expect.element(refusal).not.toBeInTheDocument();

  const github = page.getByRole("listitem").filter({ hasText: "GitHub" });
  const busy = github.getByText("Databasen är upptagen");
  port.answers.credential_test = () => {
    throw new CommandError({ code: "database_busy" });
  };
  await userEvent.click(github.getByRole("button", { name: "Kontrollera igen" }));
  await expect.element(busy).toBeVisible();
  port.answers.credential_set = set;
  await userEvent.click(github.getByRole("button", { name: "Ersätt" }));
  await userEvent.fill(page.getByLabelText("Nyckel för GitHub"), TOKEN);
  await userEvent.click(github.getByRole("button", { name: "Kontrollera", exact: true }));
  await expect.element(github.getByText("••••d4e8")).toBeVisible();
  await expect.element(busy).not.toBeInTheDocument();
});

it("is asked about before a token that was typed and not sent is lost on another page", async () => {
  const { port, history } = await open("/settings/credentials");
  await userEvent.click(resend().getByRole("button", { name: "Lägg till nyckel" }));
  await userEvent.fill(field(), TOKEN);
  const asked = page.getByRole("dialog", { name: "Lämna utan att spara?" });
  await userEvent.click(page.getByRole("link", { name: "Mallar" }));
  await userEvent.click(asked.getByRole("button", { name: "Fortsätt redigera" }));
  await expect.element(asked).not.toBeInTheDocument();
  await expect.element(field()).toHaveValue(TOKEN);
  expect(history.location.pathname).toBe("/settings/credentials");
  await userEvent.click(page.getByRole("link", { name: "Mallar" }));
  await userEvent.click(asked.getByRole("button", { name: "Släng ändringarna" }));
  await expect.poll(() => history.location.pathname).toBe("/settings/blueprints");
  expect(port.callsOf("credential_set")).toEqual([]);
});

it("a password field that may be pasted into, and that nothing fills in", async () => {
  await open("/settings/credentials");
  await userEvent.click(resend().getByRole("button", { name: "Lägg till nyckel" }));
  await expect.element(field()).toHaveAttribute("type", "password");
  await expect.element(field()).toHaveAttribute("autocomplete", "off");
});

it("is looked at only while it is typed, and hidden again when one goes elsewhere or hands it over", async () => {
  const { port } = await open("/settings/credentials");
  await userEvent.click(resend().getByRole("button", { name: "Lägg till nyckel" }));
  const reveal = resend().getByRole("button", { name: "Visa det som skrivs" });
  await expect.element(reveal).not.toBeInTheDocument();
  await userEvent.fill(field(), TOKEN);
  await expect.element(field()).toHaveAttribute("type", "password");
  await userEvent.click(reveal);
  await expect.element(field()).toHaveAttribute("type", "text");
  await expect.element(field()).toHaveValue(TOKEN);
  await expect.element(field()).toHaveFocus();
  page.getByRole("button", { name: "Kontrollera alla" }).element().focus();
  await expect.element(field()).toHaveAttribute("type", "password");
  await userEvent.click(reveal);
  await userEvent.clear(field());
  await expect.element(reveal).not.toBeInTheDocument();
  await expect.element(field()).toHaveAttribute("type", "password");
  await userEvent.fill(field(), TOKEN);
  await userEvent.click(reveal);
  await userEvent.click(resend().getByRole("button", { name: "Kontrollera", exact: true }));
  await expect.poll(() => port.callsOf("credential_set").length).toBe(1);
  expect(everywhere()).not.toContain(TOKEN);
});

it("names the missing scope, with the vendor's page first", async () => {
  const { port } = await open("/settings/credentials", { live: true });
  await expect.element(page.getByText("Nyckeln för GitHub saknar behörigheten workflow")).toBeVisible();
  await expect.element(page.getByText("En nyckel saknas och en behöver ändras.")).toBeVisible();
  await userEvent.click(page.getByRole("button", { name: "Ändra behörigheter hos GitHub" }));
  await expect.poll(() => port.callsOf("token_page_open")).toEqual([{ provider: "github" }]);
});

it("counts scopes where they are many, and names them on request", async () => {
  const scopes = ["repo", "workflow", "delete_repo", "read:org"];
  const credentials = [credential("github", { scopes }), credential("stripe", { scopes: ["events:read"] })];
  await open("/settings/credentials", {}, { credentials_list: () => ({ ...credentialsPage, credentials }) });
  await expect.element(page.getByText("events:read", { exact: true })).toBeVisible();
  const named = page.getByText(scopes.join(", "), { exact: true });
  await expect.element(named).not.toBeVisible();
  await userEvent.click(page.getByText("4 behörigheter", { exact: true }));
  await expect.element(named).toBeVisible();
});

it("asks before it removes", async () => {
  const { port } = await open("/settings/credentials");
  const supabase = page.getByRole("listitem").filter({ hasText: "Supabase" });
  await userEvent.click(supabase.getByRole("button", { name: "Ta bort" }));
  expect(port.callsOf("credential_remove")).toEqual([]);
  await userEvent.click(page.getByRole("dialog").getByRole("button", { name: "Ta bort" }));
  await expect.element(supabase.getByText("Saknas", { exact: true })).toBeVisible();
});

it.each([
  ["sv", "Saknas", "Inte angiven"],
  ["en", "Missing", "Not set"],
] as const)("shows of what is not set which is needed, in %s", async (language, needed, unset) => {
  await open("/settings/credentials", { language });
  const wanted = resend().getByText(needed, { exact: true });
  await expect.element(wanted).toBeVisible();
  await expect.element(wanted).toHaveClass("text-warn");
  const n8n = page.getByRole("listitem").filter({ hasText: "n8n" });
  await expect.element(n8n.getByText(unset, { exact: true })).toBeVisible();
  await expect.element(n8n.getByText(unset, { exact: true })).not.toHaveClass("text-warn");
});

it("shows an .env file masked before anything is kept", async () => {
  const { port } = await open("/settings/credentials", { live: true }, {
    env_import: ({ dry_run }) => ({
      done: !dry_run,
      entries: [
        { name: "RESEND_API_KEY", verdict: "credential", target: "resend", shown: "d4e8" },
        { name: "GITHUB_OWNER", verdict: "setting", target: "github.owner", shown: "norrform", overruled: "environment" },
        { name: "OTHER", verdict: "ignored" },
      ],
    }),
  });
  await userEvent.click(page.getByRole("button", { name: "Importera .env-fil" }));
  const dialog = page.getByRole("dialog");
  await expect.element(dialog.getByRole("button", { name: "Importera", exact: true })).toBeDisabled();
  const file = new File([`RESEND_API_KEY=${TOKEN}\n`], ".env");
  await userEvent.upload(page.elementLocator(document.querySelector("[role=dialog] input[type=file]")!), file);
  await expect.element(dialog.getByText("••••d4e8")).toBeVisible();
  // It is kept, and something else holds all the same.
  await expect.element(dialog.getByRole("row", { name: /GITHUB_OWNER/ }).getByText("Ett annat värde går före: från miljön")).toBeVisible();
  expect(everywhere()).not.toContain(TOKEN);
  expect(port.callsOf("env_import").map(({ dry_run }) => dry_run)).toEqual([true]);
  await userEvent.click(dialog.getByRole("button", { name: "Importera", exact: true }));
  await expect.poll(() => port.callsOf("env_import").map(({ dry_run }) => dry_run)).toEqual([true, false]);
  await expect.element(page.getByText("2 värden importerades")).toBeVisible();
});

/** Puts a file into the open dialog. */
const choose = (file: File) => userEvent.upload(page.elementLocator(document.querySelector("[role=dialog] input[type=file]")!), file);

it("an import that was refused in part stays open, and counts what was kept", async () => {
  const entry = { name: "GITHUB_OWNER", target: "github.owner", shown: "norrform" };
  await open("/settings/credentials", { live: true }, {
    env_import: ({ dry_run }) => ({
      done: !dry_run,
      entries: [
        { ...entry, verdict: "setting" },
        { name: "VERCEL_TOKEN", target: "vercel", verdict: dry_run ? "credential" : "refused", ...(dry_run ? {} : { problem: { code: "keyring_locked" } as const }) },
        { name: ":4", verdict: "refused", problem: { code: "line_unreadable", line: 4 } },
      ],
    }),
  });
  await userEvent.click(page.getByRole("button", { name: "Importera .env-fil" }));
  const dialog = page.getByRole("dialog");
  await choose(new File(["x"], ".env"));
  await userEvent.click(dialog.getByRole("button", { name: "Importera", exact: true }));
  await expect.element(page.getByText("1 värde importerades")).toBeVisible();
  await expect.element(dialog.getByText("1 importerat, 2 avvisade")).toBeVisible();
  await expect.element(dialog.getByText("Lås upp den och försök igen.")).toBeVisible();
  await expect.element(dialog.getByText("Rad 4")).toBeVisible();
  await expect.element(dialog.getByRole("button", { name: "Importera", exact: true })).not.toBeInTheDocument();
});

it("an import of which nothing was kept claims nothing", async () => {
  await open("/settings/credentials", { live: true }, {
    env_import: ({ dry_run }) => ({
      done: !dry_run,
      entries: [{ name: "VERCEL_TOKEN", target: "vercel", verdict: dry_run ? "credential" : "refused", ...(dry_run ? {} : { problem: { code: "keyring_locked" } as const }) }],
    }),
  });
  await userEvent.click(page.getByRole("button", { name: "Importera .env-fil" }));
  await choose(new File(["x"], ".env"));
  await userEvent.click(page.getByRole("dialog").getByRole("button", { name: "Importera", exact: true }));
  await expect.element(page.getByRole("dialog").getByText("0 importerade, 1 avvisat")).toBeVisible();
  await expect.element(page.getByText(/värde importerades|värden importerades/)).not.toBeInTheDocument();
});

it("customers that were refused stay to be read, and are not counted as imported", async () => {
  const row = (line: number, name: string, refused: boolean) => ({ line, name, problems: refused ? [{ code: "subdomain_taken" as const, subdomain: "tonika", customer: "Tonika Musikskola" }] : [] });
  await open("/customers", {}, {
    customers_import: ({ dry_run }) => ({ rows: [row(2, "Ny Byrå", false), row(3, "Tonika", !dry_run)], added: dry_run ? 2 : 1, refused: dry_run ? 0 : 1, dry_run }),
  });
  await userEvent.click(page.getByRole("button", { name: "Importera" }));
  const dialog = page.getByRole("dialog");
  await choose(new File(["x"], "kunder.csv"));
  await userEvent.click(dialog.getByRole("button", { name: "Importera 2 kunder" }));
  await expect.element(page.getByText("1 kund importerades")).toBeVisible();
  await expect.element(dialog.getByText("1 tillagd, 1 avvisad")).toBeVisible();
  await expect.element(dialog.getByText(/Tonika Musikskola har redan tonika/)).toBeVisible();
  await expect.element(dialog.getByText("Tillagd", { exact: true })).toBeVisible();
  await expect.element(dialog.getByRole("button", { name: /Importera \d/ })).not.toBeInTheDocument();
});

it("a Swedish spreadsheet's file is read as it was written", async () => {
  const { port } = await open("/customers", {}, { customers_import: ({ dry_run }) => ({ rows: [], added: 0, refused: 0, dry_run }) });
  await userEvent.click(page.getByRole("button", { name: "Importera" }));
  const text = "name;price\r\nÅkermark & Söner;10\r\n";
  const bytes = Uint8Array.from([...[...text].map((letter) => letter.codePointAt(0) ?? 0), 0x80]);
  await choose(new File([bytes], "kunder.csv"));
  await expect.poll(() => port.callsOf("customers_import").map(({ content }) => content)).toEqual([`${text}€`]);
});

it("no .env file is imported into the sandbox, and it says why", async () => {
  const { screen } = await open("/settings/credentials");
  await expect.element(page.getByText(/ingen .env-fil kan importeras: riktiga nycklar hör inte hemma här/)).toBeVisible();
  await expect.element(page.getByText(/Skapa eller välj en skarp arbetsyta under Arbetsytor/)).toBeVisible();
  await expect.element(page.getByRole("button", { name: "Importera .env-fil" })).not.toBeInTheDocument();
  await screen.unmount();
  await open("/settings/credentials", { live: true });
  await expect.element(page.getByRole("button", { name: "Importera .env-fil" })).toBeVisible();
});

it("doesn't say that all work while some were not tried", async () => {
  const credentials = [
    credential("supabase", {}),
    credential("github", { state: "untested" }),
    credential("vercel", { state: "untested" }),
    credential("n8n", { state: "untested", needed: false }),
  ];
  await open("/settings/credentials", {}, { credentials_list: () => ({ ...credentialsPage, sandbox: false, credentials }) });
  await expect.element(page.getByText("Två nycklar återstår att kontrollera.")).toBeVisible();
  await expect.element(page.getByText("Alla nycklar som behövs fungerar.")).not.toBeInTheDocument();
});

it("says that the sandbox needs none, in the place of counting what is missing", async () => {
  const credentials = credentialsPage.credentials.filter(({ state }) => state !== "rejected");
  const { screen } = await open("/settings/credentials", {}, { credentials_list: () => ({ ...credentialsPage, credentials }) });
  await expect.element(page.getByText("Sandlådan har egna nycklar och behöver inga av dina.", { exact: true })).toBeVisible();
  await screen.unmount();
  // One that it refuses is told all the same.
  await open("/settings/credentials");
  await expect.element(page.getByText("behöver inga av dina. En nyckel behöver ändras.", { exact: false })).toBeVisible();
});

it("names the keyring and counts what is in it, but not in the sandbox", async () => {
  const { screen } = await open("/settings/credentials", {}, { credentials_list: () => ({ ...credentialsPage, sandbox: false }) });
  await expect.element(page.getByText("Secret Service, GNOME Keyring")).toBeVisible();
  await expect.element(page.getByText("5 nycklar sparade")).toBeVisible();
  await screen.unmount();
  await open("/settings/credentials");
  await expect.element(page.getByText("Sandlådans egna nycklar")).toBeVisible();
  await expect.element(page.getByText("Secret Service, GNOME Keyring")).not.toBeInTheDocument();
});

it("says where a variable goes before what the keyring holds", async () => {
  const credentials = [credential("supabase", { source: "environment" }), credential("github", { source: "environment", overruled: true })];
  await open("/settings/credentials", {}, { credentials_list: () => ({ ...credentialsPage, sandbox: false, credentials }) });
  await expect.element(page.getByText("Från miljön, som går före den i nyckelringen")).toBeVisible();
  await expect.element(page.getByText("Från miljön, bara för den här processen")).toBeVisible();
});
