import { describe, expect, it } from "vitest";
import { page, userEvent } from "vitest/browser";

import { PROVIDER_TITLES } from "@/components/providers";

import { credentialsPage } from "../records/credentials";
import { customers } from "../records/customers";
import { blockedPlanOf } from "../records/plans";
import { later, open } from "./open";

const heading = (name: string) => page.getByRole("heading", { name, level: 1 });
const SEEN = { "fabrik.firstRun": "seen" };

describe("a first start", () => {
  it("leads to a run in five presses, with nothing typed", async () => {
    const { port, history } = await open("/", { rows: [] });
    await expect.element(heading("Vilket språk ska Fabrik tala?")).toBeVisible();
    let presses = 0;
    const press = async (name: string) => {
      presses += 1;
      await userEvent.click(page.getByRole("button", { name }));
    };
    await press("Fortsätt till nyckelring");
    await expect.element(page.getByText("Dina nycklar kan förvaras här.")).toBeVisible();
    await press("Fortsätt till konton");
    await expect.element(page.getByText(/Det svarar som Supabase, GitHub, Vercel och Resend/)).toBeVisible();
    await press("Använd sandlådan");
    await expect.element(page.getByRole("radio", { name: /Företag med kundportal/ })).toBeChecked();
    await press("Fortsätt till första kund");
    await expect.element(page.getByRole("textbox", { name: "Subdomän" })).toHaveValue("kafe-solsidan");
    await press("Skapa och provisionera");
    await expect.poll(() => history.location.pathname).toBe("/runs/run-c2");
    expect(presses).toBeLessThanOrEqual(6);
    expect(port.callsOf("customer_add")).toEqual([
      { new: expect.objectContaining({ name: "Kafé Solsidan", subdomain: "kafe-solsidan", contact_email: "anna@example.com", blueprint: "factory" }) },
    ]);
    expect(port.callsOf("provision")).toEqual([{ customer: "c2", on_failure: "rollback" }]);
    expect(localStorage.getItem("fabrik.firstRun")).toBe("seen");
  });

  it("goes by Enter alone, in English too", async () => {
    await open("/", { rows: [], language: "en" });
    for (const [title, button] of [
      ["Which language should Fabrik speak?", "Continue to keyring"],
      ["Can this machine keep secrets?", "Continue to accounts"],
      ["Where should Fabrik create things?", "Use the sandbox"],
      ["What should a customer get?", "Continue to first customer"],
    ] as const) {
      await expect.element(heading(title)).toBeVisible();
      await expect.element(page.getByRole("button", { name: button })).toHaveFocus();
      await userEvent.keyboard("{Enter}");
    }
    await expect.element(heading("Your first customer")).toBeVisible();
    await expect.element(page.getByRole("textbox", { name: "Name", exact: true })).toHaveValue("Sunnyside Café");
  });

  it("is skipped once, and not offered again", async () => {
    const { history } = await open("/", { rows: [] });
    await userEvent.click(page.getByRole("button", { name: "Hoppa över guiden" }));
    await expect.element(page.getByText("Inga kunder än")).toBeVisible();
    const again = await open("/", { rows: [] }, {}, SEEN);
    await expect.poll(() => again.history.location.pathname).toBe("/customers");
    expect(history.location.pathname).toBe("/customers");
  });

  it("is not for who has customers", async () => {
    const { history } = await open("/");
    await expect.element(page.getByRole("heading", { name: "Kunder" })).toBeVisible();
    expect(history.location.pathname).toBe("/customers");
  });

  it("waits for the answer whether it is one, and leads to the page that says so where none comes", async () => {
    const answer = later<never>();
    const { history } = await open("/", {}, { overview: () => answer.promise });
    expect(history.location.pathname).toBe("/");
    // In the system's language: which was chosen comes with the answer.
    await expect.element(page.getByRole("main").getByRole("group", { name: /^(Läser in|Loading)…$/ })).toBeVisible();
    const line = document.querySelector("main .skeleton")!;
    await expect.poll(() => getComputedStyle(line).visibility).toBe("visible");
    // A quick answer is there before it is drawn.
    expect(getComputedStyle(line).animationDelay).toBe("0.15s");
    answer.fail(new Error("gone"));
    await expect.poll(() => history.location.pathname).toBe("/customers");
  });
});

describe("the guide", () => {
  it("is taken again from the settings, and by the palette", async () => {
    const { screen } = await open("/settings/general", {}, {}, SEEN);
    await userEvent.click(page.getByRole("link", { name: "Gör om guiden" }));
    await expect.element(heading("Vilket språk ska Fabrik tala?")).toBeVisible();
    await screen.unmount();
    const { history } = await open("/customers", {}, {}, SEEN);
    await expect.element(page.getByRole("link", { name: "Nordanvind Byggkonsult" })).toBeVisible();
    await userEvent.keyboard("{Control>}k{/Control}");
    await userEvent.keyboard("guiden{Enter}");
    await expect.poll(() => history.location.pathname).toBe("/first-run");
  });

  it("goes to any step and back, and a choice of language counts at once", async () => {
    const { port } = await open("/first-run");
    await userEvent.click(page.getByRole("radio", { name: "English" }));
    await expect.element(heading("Which language should Fabrik speak?")).toBeVisible();
    expect(port.callsOf("language_set")).toEqual([{ language: "en" }]);
    await userEvent.click(page.getByRole("radio", { name: "As the system" }));
    await expect.element(heading("Vilket språk ska Fabrik tala?")).toBeVisible();
    expect(port.callsOf("language_set").at(-1)).toEqual({ language: null });
    await userEvent.click(page.getByRole("button", { name: /^Svenska/ }));
    await expect.element(page.getByRole("menuitemradio", { name: "Som systemet" })).toBeChecked();
    await userEvent.click(page.getByRole("menuitemradio", { name: "English" }));
    await userEvent.click(page.getByRole("button", { name: "4. Blueprint" }));
    await expect.element(heading("What should a customer get?")).toBeVisible();
    await userEvent.click(page.getByRole("button", { name: "Back" }));
    await expect.element(heading("Where should Fabrik create things?")).toBeVisible();
  });

  it("says what is wrong with the keyring and what mends it, and looks again", async () => {
    let locked = true;
    await open("/first-run?step=keyring", {}, {
      keyring_check: () =>
        locked
          ? { backend: "Secret Service", state: "locked", hint: "unlock", problem: { code: "keyring_locked" } }
          : { backend: "Secret Service", state: "unlocked" },
    });
    await expect.element(page.getByRole("heading", { name: "Nyckelringen är låst" })).toBeVisible();
    await expect.element(page.getByText(/systemet frågar nästa gång/)).toBeVisible();
    await expect.element(page.getByText(/Sandlådan behöver ingen nyckelring/)).toBeVisible();
    locked = false;
    await userEvent.click(page.getByRole("button", { name: "Kontrollera igen" }));
    await expect.element(page.getByText("Dina nycklar kan förvaras här.")).toBeVisible();
  });

  it("says of a keyring that is there what it lacks, and not to install one", async () => {
    await open("/first-run?step=keyring", {}, {
      keyring_check: () => ({ backend: "Secret Service", state: "missing", hint: "create_keyring", problem: { code: "keyring_missing", service: "Secret Service" } }),
    });
    await expect.element(page.getByText("Skapa en standardnyckelring: det erbjuds när en låses upp.")).toBeVisible();
    await expect.element(page.getByText(/Installera en/)).not.toBeInTheDocument();
    await expect.element(page.getByText("Datorn har ingen nyckelring")).not.toBeInTheDocument();
    await expect.element(page.getByRole("heading", { name: "Det finns ingen standardnyckelring" })).toBeVisible();
  });

  it.each([
    ["missing", "Saknas", "text-warn"],
    ["unlocked", "Upplåst", "text-ok"],
  ] as const)("marks in its list how the keyring stands: %s", async (state, word, tone) => {
    await open("/first-run?step=accounts", {}, { keyring_check: () => ({ backend: "Secret Service", state }) });
    const keyring = page.getByRole("button", { name: /^2\. / });
    await expect.element(keyring).toHaveTextContent(word);
    expect(keyring.element().querySelector("svg")?.classList.contains(tone)).toBe(true);
  });

  it("takes real credentials in a live workspace, on the spot", async () => {
    const { port } = await open("/first-run?step=accounts", { live: true });
    await expect.element(heading("Koppla dina konton")).toBeVisible();
    await expect.element(page.getByRole("button", { name: "Använd sandlådan" })).not.toBeInTheDocument();
    const resend = page.getByRole("listitem").filter({ hasText: "Resend" });
    await userEvent.click(resend.getByRole("button", { name: "Lägg till nyckel" }));
    await userEvent.type(page.getByLabelText("Nyckel för Resend"), "re_123456789abc");
    await userEvent.click(resend.getByRole("button", { name: "Kontrollera", exact: true }));
    await expect.poll(() => port.callsOf("credential_set")).toEqual([{ provider: "resend", token: "re_123456789abc" }]);
    await expect.element(resend.getByText("Fungerar")).toBeVisible();
  });

  it("has the status of each account there, and takes an .env file", async () => {
    await open("/first-run?step=accounts", { live: true });
    for (const { provider, state } of credentialsPage.credentials) {
      await expect.element(page.getByText(PROVIDER_TITLES[provider], { exact: true }).first()).toBeVisible();
      if (state === "missing") await expect.element(page.getByText("Inte angiven").first()).toBeVisible();
    }
    await userEvent.click(page.getByRole("button", { name: "Importera .env-fil" }));
    await expect.element(page.getByRole("dialog", { name: "Importera .env-fil" })).toBeVisible();
  });

  it("says in the sandbox what each account will be for and that no credentials are needed, and leads to where a live workspace is made", async () => {
    const { history } = await open("/first-run?step=accounts", { rows: [] });
    const real = page.getByRole("region", { name: "Riktiga konton, när du vill" });
    await expect.element(real.getByText("Här behövs inga nycklar. Riktiga konton kopplas i en skarp arbetsyta.")).toBeVisible();
    await expect.poll(() => real.getByRole("listitem").elements().map((row) => row.textContent)).toEqual([
      "SupabaseSkapar projekt, databaser och inloggning",
      "GitHubSkapar repon från mallrepot",
      "VercelSkapar projekt och driftsätter",
      "ResendSkickar välkomstmejl och meddelanden om körningar",
    ]);
    // Nothing is said of how they stand: none is asked for here, and none can be given.
    await expect.element(real.getByText("Inte angiven")).not.toBeInTheDocument();
    await expect.element(real.getByRole("button")).not.toBeInTheDocument();
    await userEvent.click(real.getByRole("link", { name: "Skapa en skarp arbetsyta" }));
    await expect.poll(() => history.location.pathname).toBe("/settings/workspaces");
    await expect.element(page.getByRole("button", { name: "Skapa och välj" })).toBeVisible();
  });

  it("leads from a live workspace to where the sandbox is opened", async () => {
    const { history } = await open("/first-run?step=accounts", { live: true });
    await userEvent.click(page.getByText(/^Vill du prova utan konton/).getByRole("link", { name: "Arbetsytor" }));
    await expect.poll(() => history.location.pathname).toBe("/settings/workspaces");
  });

  it("keeps a customer whose run could not begin, and says all that is in the way", async () => {
    const { port, history } = await open("/first-run?step=customer", { rows: [] }, {
      plan: () => blockedPlanOf(customers[2]!),
    });
    await expect.element(page.getByRole("textbox", { name: "Subdomän" })).toHaveValue("kafe-solsidan");
    await userEvent.click(page.getByRole("button", { name: "Skapa och provisionera" }));
    const blocked = page.getByRole("dialog");
    await expect.element(blocked.getByText("Nyckeln för Resend saknas").first()).toBeVisible();
    await expect.element(blocked.getByText("Nyckeln för GitHub saknar behörigheten workflow").first()).toBeVisible();
    expect(port.callsOf("provision")).toEqual([]);
    await userEvent.keyboard("{Escape}");
    await expect.poll(() => history.location.pathname).toBe("/customers/c2");
    expect(port.callsOf("customer_add").length).toBe(1);
  });

  it("names a customer by the name that is sent, however soon that is", async () => {
    const answered = later<null>();
    const { port, history } = await open("/first-run?step=customer", { rows: [] }, {
      subdomain_suggest: async ({ name }) => {
        if (name === "Kafé Solsidan") return "kafe-solsidan";
        await answered.promise;
        return "bageri-norr";
      },
    });
    await expect.element(page.getByRole("textbox", { name: "Subdomän" })).toHaveValue("kafe-solsidan");
    await userEvent.fill(page.getByRole("textbox", { name: "Namn", exact: true }), "Bageri Norr");
    await userEvent.keyboard("{Enter}{Enter}");
    await expect.poll(() => port.callsOf("subdomain_suggest").at(-1)).toEqual({ name: "Bageri Norr" });
    expect(port.callsOf("customer_add")).toEqual([]);
    answered.settle(null);
    await expect.poll(() => history.location.pathname).toBe("/runs/run-c2");
    expect(port.callsOf("customer_add")).toEqual([{ new: expect.objectContaining({ name: "Bageri Norr", subdomain: "bageri-norr" }) }]);
  });

  it("is sent by Ctrl Enter from any field, once", async () => {
    const { port, history } = await open("/first-run?step=customer", { rows: [] });
    await expect.element(page.getByRole("textbox", { name: "Subdomän" })).toHaveValue("kafe-solsidan");
    (page.getByRole("combobox", { name: "Plan" }).element() as HTMLElement).focus();
    await userEvent.keyboard("{Control>}{Enter}{/Control}");
    await expect.poll(() => history.location.pathname).toBe("/runs/run-c2");
    expect(port.callsOf("customer_add").length).toBe(1);
  });

  it("is empty where there are customers, and tells each fault at its field", async () => {
    const { port } = await open("/first-run?step=customer");
    await expect.element(page.getByRole("textbox", { name: "Namn", exact: true })).toHaveFocus();
    await userEvent.keyboard("{Enter}");
    await expect.element(page.getByText("Skriv ett namn.")).toBeVisible();
    expect(port.callsOf("customer_add")).toEqual([]);
  });
});
