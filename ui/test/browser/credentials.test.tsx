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

it("a password field that may be pasted into, and that nothing fills in", async () => {
  await open("/settings/credentials");
  await userEvent.click(resend().getByRole("button", { name: "Lägg till nyckel" }));
  await expect.element(field()).toHaveAttribute("type", "password");
  await expect.element(field()).toHaveAttribute("autocomplete", "off");
});

it("names the missing scope, with the vendor's page first", async () => {
  const { port } = await open("/settings/credentials");
  await expect.element(page.getByText("Nyckeln för GitHub saknar behörigheten workflow")).toBeVisible();
  await expect.element(page.getByText("En nyckel saknas och en behöver ändras.")).toBeVisible();
  await userEvent.click(page.getByRole("button", { name: "Ändra behörigheter på GitHub" }));
  await expect.poll(() => port.callsOf("token_page_open")).toEqual([{ provider: "github" }]);
});

it("asks before it removes", async () => {
  const { port } = await open("/settings/credentials");
  const supabase = page.getByRole("listitem").filter({ hasText: "Supabase" });
  await userEvent.click(supabase.getByRole("button", { name: "Ta bort" }));
  expect(port.callsOf("credential_remove")).toEqual([]);
  await userEvent.click(page.getByRole("dialog").getByRole("button", { name: "Ta bort" }));
  await expect.element(supabase.getByText("Ej inställd")).toBeVisible();
});

it("shows an .env file masked before anything is kept", async () => {
  const { port } = await open("/settings/credentials", {}, {
    env_import: ({ dry_run }) => ({
      done: !dry_run,
      entries: [
        { name: "RESEND_API_KEY", verdict: "credential", target: "resend", shown: "d4e8" },
        { name: "GITHUB_OWNER", verdict: "setting", target: "github.owner", shown: "norrform" },
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
  expect(everywhere()).not.toContain(TOKEN);
  expect(port.callsOf("env_import").map(({ dry_run }) => dry_run)).toEqual([true]);
  await userEvent.click(dialog.getByRole("button", { name: "Importera", exact: true }));
  await expect.poll(() => port.callsOf("env_import").map(({ dry_run }) => dry_run)).toEqual([true, false]);
  await expect.element(page.getByText("2 värden importerades")).toBeVisible();
});

it("doesn't say that all work while some were not tried", async () => {
  const credentials = [
    credential("supabase", {}),
    credential("github", { state: "untested" }),
    credential("vercel", { state: "untested" }),
    credential("n8n", { state: "untested", needed: false }),
  ];
  await open("/settings/credentials", {}, { credentials_list: () => ({ ...credentialsPage, credentials }) });
  await expect.element(page.getByText("Två nycklar återstår att kontrollera.")).toBeVisible();
  await expect.element(page.getByText("Alla nycklar som behövs fungerar.")).not.toBeInTheDocument();
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
