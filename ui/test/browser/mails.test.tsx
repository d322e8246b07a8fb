import { describe, expect, it } from "vitest";
import { page, userEvent } from "vitest/browser";

import type { MailView } from "@/backend/bindings";

import { welcome } from "../records/mails";
import { failed } from "../records/runs";
import { open } from "./open";

const sent: MailView = { state: "sent", to: welcome.to, at: "2026-11-21T09:00:00Z", ended_at: "2026-11-21T09:00:01Z" };

async function preview(more = {}, answer = welcome) {
  const opened = await open("/customers/c1", {}, { welcome_preview: () => answer, ...more });
  await userEvent.click(page.getByRole("button", { name: /^Åtgärder/ }));
  await userEvent.click(page.getByRole("menuitem", { name: "Välkomstmejl…" }));
  return opened;
}

const dialog = () => page.getByRole("dialog");

describe("the welcome e-mail", () => {
  it("is shown as text, with what is secret masked, and says when it was last sent", async () => {
    const { port } = await preview();
    await expect.element(dialog().getByText("Välkommen, Nordanvind Byggkonsult")).toBeVisible();
    await expect.element(dialog().getByText(/^Skickades senast till anna@nordanvind.se/)).toBeVisible();
    const letter = dialog().getByLabelText("Mejlets text");
    await expect.element(letter).toHaveTextContent("Logga in här: ••••••••");
    expect(letter.element().querySelector("b")).toBeNull();
    expect(letter.element().textContent).toContain("<b>Inget märkspråk</b>");
    expect(port.callsOf("welcome_resend")).toEqual([]);
  });

  it("is sent again only after a question that Enter does not answer", async () => {
    const { port } = await preview({ welcome_resend: () => sent });
    await userEvent.click(dialog().getByRole("button", { name: "Skicka igen…" }));
    await expect.element(dialog().getByText(/De tidigare länkarna slutar gälla/)).toBeVisible();
    await expect.element(dialog().getByText(/^Skickades senast/)).toBeVisible();
    await userEvent.keyboard("{Enter}");
    await expect.element(dialog().getByRole("button", { name: "Skicka igen…" })).toBeVisible();
    expect(port.callsOf("welcome_resend")).toEqual([]);
    await userEvent.click(dialog().getByRole("button", { name: "Skicka igen…" }));
    await userEvent.click(dialog().getByRole("button", { name: "Skicka mejlet" }));
    await expect.element(page.getByText("Välkomstmejlet skickades till anna@nordanvind.se")).toBeVisible();
    await expect.element(dialog()).not.toBeInTheDocument();
    expect(port.callsOf("welcome_resend")).toEqual([{ customer: "c1" }]);
  });

  it("says why it did not go out, and stays", async () => {
    await preview({
      welcome_resend: (): MailView => ({ ...sent, state: "not_sent", problem: { code: "credential_rejected", provider: "resend" } }),
    });
    await userEvent.click(dialog().getByRole("button", { name: "Skicka igen…" }));
    await userEvent.click(dialog().getByRole("button", { name: "Skicka mejlet" }));
    await expect.element(dialog().getByText(/Resend/)).toBeVisible();
    await expect.element(dialog().getByRole("button", { name: "Skicka igen…" })).toBeEnabled();
  });

  it("can't be sent before there is an instance, and says so", async () => {
    const { last: _, ...before } = welcome;
    await preview({}, { ...before, refused: { code: "instance_missing", customer: "Nordanvind Byggkonsult" } });
    await expect.element(dialog().getByText("Det har inte skickats än.")).toBeVisible();
    await expect.element(dialog().getByText("Nordanvind Byggkonsult har ingen instans")).toBeVisible();
    await expect.element(dialog().getByRole("button", { name: "Skicka igen…" })).toBeDisabled();
  });

  it("reads in English too", async () => {
    await open("/customers/c1", { language: "en" }, { welcome_preview: () => welcome });
    await userEvent.click(page.getByRole("button", { name: /^Actions/ }));
    await userEvent.click(page.getByRole("menuitem", { name: "Welcome e-mail…" }));
    await expect.element(dialog().getByText(/^Last sent to anna@nordanvind.se/)).toBeVisible();
  });
});

describe("the mail to the owner about a failed run", () => {
  const told = (mail: MailView) => open("/runs/run-failed", {}, { run_get: () => ({ ...failed, owner_mail: mail }) });

  it("is told beside what exists", async () => {
    await told({ ...sent, to: "agaren@norrform.se" });
    await expect.element(page.getByText(/^Ett mejl om felet skickades till agaren@norrform.se/)).toBeVisible();
  });

  it("says why it did not go out, and nothing else of the run changes", async () => {
    await told({ ...sent, to: "agaren@norrform.se", state: "not_sent", problem: { code: "sender_unverified", sender: "hej@norrform.se", provider: "resend" } });
    await expect.element(page.getByText(/^Mejlet om felet gick inte att skicka till agaren@norrform.se/)).toBeVisible();
    await expect.element(page.getByText(/hej@norrform.se/)).toBeVisible();
    await expect.element(page.getByRole("heading", { name: "Supabase tog inte emot schemat" })).toBeVisible();
  });
});
