import { afterEach, describe, expect, it, vi } from "vitest";
import { page, userEvent } from "vitest/browser";

import type { ActiveRun, Overview, Problem } from "@/backend/bindings";
import { CommandError, ConnectionError } from "@/backend/errors";

import { refuse } from "../port";
import { runOf } from "../records/runs";
import { leftovers } from "../records/undo";
import { world } from "../world";
import { open } from "./open";

const active = (run: string, name: string, state: ActiveRun["state"] = "running"): ActiveRun => ({ run, customer: "c1", customer_name: name, state });
const interrupted = (run: string, name: string, interruption = 7): ActiveRun => ({ ...active(run, name, "interrupted"), interruption });

async function desktop(overview: Partial<Overview> = {}, options: { language?: "sv" | "en" } = {}, address = "/customers") {
  const told = { ...overview };
  const usual = world(options).answers.overview;
  if (usual === undefined) throw new Error("the world has an overview");
  const opened = await open(address, { desktop: true, ...options }, { overview: async (given) => ({ ...(await usual(given)), ...told }) });
  const { shell } = opened.port;
  if (shell === undefined) throw new Error("this is the desktop");
  return { ...opened, shell, told };
}

/** Chooses at the sidebar's foot, whatever language it is in. */
async function speak(language: string) {
  await userEvent.click(page.getByRole("button", { name: /Choose language|Välj språk/ }));
  await userEvent.click(page.getByRole("menuitemradio", { name: language }));
}

describe("the native menus", () => {
  it("hold the acts of the palette in the language of the window, and do them", async () => {
    const { shell, history } = await desktop();
    await expect.poll(() => shell.menus?.bar.map((group) => group.label)).toEqual(["Arkiv", "Gå", "Hjälp"]);
    const entries = shell.menus?.bar.flatMap((group) => group.entries) ?? [];
    const labels = entries.flatMap((entry) => (entry.kind === "act" ? [entry.label] : []));
    expect(labels).toEqual(expect.arrayContaining(["Ny kund", "Sök eller gör", "Körningar", "Nycklar", "Inställningar", "Om Fabrik", "Avsluta Fabrik"]));
    shell.choose("runs");
    await expect.poll(() => history.location.pathname).toBe("/runs");
    shell.choose("find");
    await expect.element(page.getByRole("combobox", { name: "Sök eller gör" })).toBeVisible();
  });

  it("lead to every page that the palette leads to", async () => {
    const { shell, history } = await desktop();
    await expect.poll(() => shell.menus?.bar.find(({ label }) => label === "Gå")?.entries.map((entry) => (entry.kind === "act" ? entry.label : entry.kind))).toEqual([
      "Kunder", "Förfrågningar", "Körningar", "line", "Nycklar", "Leverantörer", "Mallar", "Domäner och e-post", "Arbetsytor", "line", "Inställningar",
    ]);
    shell.choose("requests");
    await expect.poll(() => history.location.pathname).toBe("/requests");
  });

  it("lead to the settings that have a page of their own, as the palette does", async () => {
    const { shell, history } = await desktop();
    await expect.poll(() => shell.menus).toBeDefined();
    await userEvent.keyboard("{Control>}k{/Control}");
    await userEvent.fill(page.getByRole("combobox", { name: "Sök eller gör" }), "e-post");
    await userEvent.click(page.getByRole("option", { name: "Domäner och e-post" }));
    await expect.poll(() => history.location.pathname).toBe("/settings/mail");
    shell.choose("workspaces");
    await expect.poll(() => history.location.pathname).toBe("/settings/workspaces");
    shell.choose("mail");
    await expect.poll(() => history.location.pathname).toBe("/settings/mail");
  });

  it("that can't be shown say so", async () => {
    const { shell } = await desktop();
    await expect.poll(() => shell.menus).toBeDefined();
    shell.fault = new CommandError({ code: "internal", detail: "no menu bar" });
    await speak("English");
    await expect.element(page.getByRole("alert").filter({ hasText: "no menu bar" })).toBeInTheDocument();
  });

  it("speak English after the language was changed", async () => {
    const { shell } = await desktop({}, { language: "en" });
    await expect.poll(() => shell.menus?.tray[0]).toEqual({ kind: "act", id: "show", label: "Show Fabrik", keys: null });
  });

  it("ask before they lead away from what is typed in a dialog", async () => {
    const { shell, history } = await desktop({}, {}, "/requests?request=req-open");
    await expect.poll(() => shell.menus).toBeDefined();
    await userEvent.click(page.getByRole("button", { name: "Avböj…" }));
    const reason = page.getByRole("textbox", { name: "Skäl" });
    await userEvent.fill(reason, "Vi har inte tid");
    const asked = page.getByRole("dialog", { name: "Lämna utan att spara?" });
    shell.choose("runs");
    await userEvent.click(asked.getByRole("button", { name: "Fortsätt redigera" }));
    await expect.element(asked).not.toBeInTheDocument();
    expect(history.location.pathname).toBe("/requests");
    await expect.element(reason).toHaveValue("Vi har inte tid");
    shell.choose("runs");
    await userEvent.click(asked.getByRole("button", { name: "Släng ändringarna" }));
    await expect.poll(() => history.location.pathname).toBe("/runs");
    await expect.element(page.getByRole("dialog")).not.toBeInTheDocument();
  });

  it("take no single letters as keys: those are the page's", async () => {
    const { shell } = await desktop();
    await expect.poll(() => shell.menus).toBeDefined();
    const keys = (shell.menus?.bar ?? []).flatMap((group) => group.entries).flatMap((entry) => (entry.kind === "act" && entry.keys !== null ? [entry.keys] : []));
    expect(keys.length).toBeGreaterThan(0);
    for (const key of keys) expect(key).toMatch(/^CmdOrCtrl[+]/);
  });
});

describe("the palette", () => {
  afterEach(() => page.viewport(1440, 900));

  it("ends within a window at 200 %", async () => {
    await page.viewport(720, 450);
    await open("/customers");
    await expect.element(page.getByText("Mälarstrand Konferens")).toBeInTheDocument();
    await userEvent.keyboard("{Control>}k{/Control}");
    await expect.poll(() => page.getByRole("option").elements().length, { message: "more than there is room for" }).toBeGreaterThan(8);
    await expect.poll(() => page.getByRole("dialog").element().getBoundingClientRect().bottom).toBeLessThanOrEqual(450);
  });

  it("has the focus before the next frame, and gives it back", async () => {
    await open("/customers");
    const link = page.getByRole("link", { name: "Nordanvind Byggkonsult" });
    await expect.element(link).toBeVisible();
    (link.element() as HTMLElement).focus();
    const frames = vi.spyOn(window, "requestAnimationFrame").mockReturnValue(0);
    try {
      link.element().dispatchEvent(new KeyboardEvent("keydown", { key: "k", ctrlKey: true, bubbles: true, cancelable: true }));
      await vi.waitFor(() => expect(document.activeElement?.getAttribute("role")).toBe("combobox"));
    } finally {
      frames.mockRestore();
    }
    await userEvent.keyboard("{Escape}");
    await expect.element(link).toHaveFocus();
  });

  it("offers nothing of a page that a dialog is over", async () => {
    await open("/customers/c1");
    await userEvent.click(page.getByRole("button", { name: "Redigera för hand" }));
    await expect.element(page.getByRole("dialog")).toBeVisible();
    await userEvent.keyboard("{Control>}k{/Control}");
    await expect.element(page.getByRole("option").first()).toBeVisible();
    await expect.element(page.getByRole("option", { name: "Redigera för hand" })).not.toBeInTheDocument();
  });

  it("begins with what was last looked at, and leaves out what is open and what is gone", async () => {
    const { history } = await open("/customers/c18");
    await expect.element(page.getByRole("heading", { level: 1, name: "Björkåsa Förskolor" })).toBeVisible();
    for (const address of ["/customers/gone", "/runs/run-failed", "/customers/c4"]) {
      history.push(address);
      await expect.poll(() => localStorage.getItem("fabrik.recent.norrform") ?? "").toContain(address.split("/").at(-1));
    }
    await userEvent.keyboard("{Control>}k{/Control}");
    await expect.element(page.getByText("Nyligen")).toBeVisible();
    const options = () => page.getByRole("option").elements().map((option) => option.textContent);
    await expect.poll(() => options().slice(0, 3)).toEqual([
      expect.stringMatching(/^Körning \d+, .*Misslyckades$/),
      "Björkåsa FörskolorbjorkasaFungerar",
      // No longer of what is recent: the list goes on with what can be done here, and with the customers.
      "Visa körningen",
    ]);
    await expect.poll(options).toContainEqual(expect.stringMatching(/^Åkermark Juristbyrå/));
    await userEvent.keyboard("{ArrowDown}{Enter}");
    await expect.poll(() => history.location.pathname).toBe("/customers/c18");
  });
});

describe("the palette while something is typed", () => {
  const options = () => page.getByRole("option").elements().map((option) => option.textContent ?? "");
  const kept = { "fabrik.recent.norrform": JSON.stringify([{ kind: "run", id: "run-failed" }, { kind: "customer", id: "c18" }]) };
  const begin = async () => {
    const opened = await open("/customers", {}, {}, kept);
    await expect.element(page.getByText("Mälarstrand Konferens")).toBeVisible();
    await userEvent.keyboard("{Control>}k{/Control}");
    await expect.element(page.getByText("Nyligen")).toBeVisible();
    return opened;
  };

  it("has what was last looked at and is called so, once, after those who are found", async () => {
    await begin();
    await userEvent.keyboard("körning 214");
    await expect.poll(() => options()[0]).toMatch(/^Körning 214, Åkermark Juristbyrå/);
    await expect.element(page.getByText("Nyligen")).toBeVisible();
    await userEvent.fill(page.getByRole("combobox", { name: "Sök eller gör" }), "björkåsa");
    await expect.poll(() => options().filter((text) => text.startsWith("Björkåsa Förskolor"))).toHaveLength(1);
    await expect.element(page.getByText("Nyligen")).not.toBeInTheDocument();
  });

  it("shows which letters it was found by", async () => {
    await begin();
    await userEvent.keyboard("akermark");
    await expect.poll(() => [...document.querySelectorAll("[role=option] mark")].map((mark) => mark.textContent)).toContain("Åkermark");
  });

  it("says why the customers could not be read, and not that nobody is called so", async () => {
    const { port } = await begin();
    port.answers.customers_list = () => refuse({ code: "database_failed", detail: "disk I/O error" });
    await userEvent.keyboard("xyzzy");
    const said = page.getByRole("dialog").getByRole("alert");
    await expect.element(said.getByText("Databasen svarade med ett fel")).toBeVisible();
    await expect.element(page.getByText("Inga träffar")).not.toBeInTheDocument();
    // What else is called so is there all the same.
    await userEvent.fill(page.getByRole("combobox", { name: "Sök eller gör" }), "ny kund");
    await expect.element(said).toBeVisible();
    await userEvent.click(page.getByRole("option", { name: "Ny kund" }));
    await expect.element(page.getByRole("dialog", { name: "Ny kund" })).toBeVisible();
  });

  it("takes a full stop and a question mark for keys before that, and for text after it", async () => {
    await begin();
    const field = page.getByRole("combobox", { name: "Sök eller gör" });
    await userEvent.keyboard(".");
    await expect.element(page.getByText(/Visa allt$/)).toBeVisible();
    await expect.element(page.getByRole("option", { name: "Ny kund" })).toBeVisible();
    await expect.element(page.getByText("Nyligen")).not.toBeInTheDocument();
    await expect.element(field).toHaveValue("");
    await userEvent.keyboard("a.?");
    await expect.element(field).toHaveValue("a.?");
    await expect.element(page.getByText("Visa alla åtgärder")).not.toBeInTheDocument();
    await userEvent.clear(field);
    await userEvent.keyboard("?");
    await expect.element(page.getByRole("dialog", { name: "Kortkommandon" })).toBeVisible();
  });

  it("leaves them to the text where single keys are switched off", async () => {
    await open("/customers", {}, {}, { ...kept, "fabrik.singleKeys": "off" });
    await expect.element(page.getByText("Mälarstrand Konferens")).toBeVisible();
    await userEvent.keyboard("{Control>}k{/Control}");
    await expect.element(page.getByText("Nyligen")).toBeVisible();
    await expect.element(page.getByText("Visa alla åtgärder")).not.toBeInTheDocument();
    await userEvent.keyboard(".");
    await expect.element(page.getByRole("combobox", { name: "Sök eller gör" })).toHaveValue(".");
  });
});

describe("the hint of a key that is a letter alone", () => {
  const hints = () => [...document.querySelectorAll("kbd")].map(({ textContent }) => textContent ?? "").filter((key) => /^[\p{L}/.?]$/u.test(key)).sort();

  it.each([
    ["/customers", "button", "Ny kund", ["/", "N"]],
    ["/customers/c1", "button", /^Åtgärder/, ["."]],
    ["/runs", "textbox", "Filtrera körningar", ["/"]],
    ["/requests?request=req-open", "button", "Avböj…", ["E", "R"]],
  ] as const)("is on %s only while such keys are heard", async (address, role, name, keys) => {
    const { screen } = await open(address);
    await expect.poll(hints).toEqual(keys);
    await screen.unmount();
    await open(address, {}, {}, { "fabrik.singleKeys": "off" });
    await expect.element(page.getByRole(role, { name })).toBeVisible();
    expect(hints()).toEqual([]);
  });

  it.each(["on", "off"])("is in the palette too, where such keys are %s, and that of another key in any case", async (singleKeys) => {
    await open("/customers", {}, {}, { "fabrik.singleKeys": singleKeys });
    const heard = singleKeys === "on";
    await expect.element(page.getByText("Mälarstrand Konferens")).toBeVisible();
    await userEvent.keyboard("{Control>}k{/Control}");
    const entry = (name: RegExp) => page.getByRole("option", { name });
    await expect.element(entry(/^Fäll ihop eller ut sidofältet/)).toBeInTheDocument();
    expect(entry(/^Fäll ihop eller ut sidofältet/).element().querySelectorAll("kbd")).toHaveLength(1);
    expect(entry(/^Ny kund/).element().querySelectorAll("kbd")).toHaveLength(heard ? 1 : 0);
    expect(entry(/^Förfrågningar/).element().querySelectorAll("kbd")).toHaveLength(heard ? 2 : 0);
  });
});

describe("the palette on a page", () => {
  const find = async (words: string) => {
    await userEvent.keyboard("{Control>}k{/Control}");
    await userEvent.keyboard(words);
  };

  it("does what can be done with the customer that is open, but takes nothing away", async () => {
    const { port, history } = await open("/customers/c1");
    await expect.element(page.getByRole("heading", { level: 1, name: "Nordanvind Byggkonsult" })).toBeVisible();
    await find("ta bort");
    await expect.element(page.getByRole("option", { name: "Ta bort kunden" })).not.toBeInTheDocument();
    await userEvent.keyboard("{Escape}");
    await find("visa plan");
    await expect.element(page.getByText("Åtgärder för Nordanvind Byggkonsult")).toBeVisible();
    await userEvent.keyboard("{Enter}");
    await expect.element(page.getByRole("dialog", { name: "Plan för Nordanvind Byggkonsult" })).toBeVisible();
    await userEvent.keyboard("{Escape}");
    await find("provisionera");
    await userEvent.keyboard("{Enter}");
    await expect.poll(() => history.location.pathname).toBe("/runs/run-c1");
    expect(port.callsOf("provision")).toEqual([{ customer: "c1", on_failure: "rollback" }]);
  });

  it.each([
    ["leftovers", "Försök ta bort igen"],
    ["interrupted", "Fortsätt ångra"],
  ] as const)("takes away nothing of a run that is %s", async (state, name) => {
    const { port } = await open("/runs/run-leftovers", {}, { run_get: () => ({ ...leftovers, run: { ...leftovers.run, state } }) });
    await expect.element(page.getByRole("button", { name }).first()).toBeVisible();
    await find(name);
    await expect.element(page.getByRole("combobox", { name: "Sök eller gör" })).toHaveValue(name);
    await expect.element(page.getByRole("option", { name })).not.toBeInTheDocument();
    await userEvent.keyboard("{Enter}");
    expect(port.callsOf("run_rollback")).toEqual([]);
    expect(port.callsOf("run_resume")).toEqual([]);
  });

  it("goes on with the run that is open, and offers nothing of a page that was left", async () => {
    const { port, history } = await open("/runs/run-failed");
    await expect.element(page.getByRole("button", { name: "Försök steget igen" }).first()).toBeVisible();
    await find("försök steget");
    await userEvent.keyboard("{Enter}");
    await expect.poll(() => port.callsOf("run_resume").length).toBe(1);
    history.push("/settings/general");
    await expect.element(page.getByRole("heading", { name: "Allmänt" }).first()).toBeVisible();
    await find("försök steget");
    await expect.element(page.getByText("Inga träffar")).toBeVisible();
  });

  it("has the acts of the row where the keyboard stands, and of the rows that are chosen", async () => {
    await open("/customers");
    await expect.element(page.getByText("Mälarstrand Konferens")).toBeVisible();
    await userEvent.keyboard("jjxjx");
    await expect.element(page.getByRole("toolbar")).toBeVisible();
    await find("provisionera");
    const options = () => page.getByRole("option").elements().map((option) => option.textContent);
    await expect.poll(options).toEqual(expect.arrayContaining(["Provisionera 2", "Provisionera"]));
    await userEvent.click(page.getByRole("option", { name: "Provisionera 2" }));
    await expect.element(page.getByRole("dialog", { name: "Provisionera 2 kunder?" })).toBeVisible();
  });
});

describe("the sidebar", () => {
  it("offers both languages and the system's, and marks the one that was chosen", async () => {
    const { port } = await open("/customers");
    await speak("English");
    await expect.element(page.getByRole("link", { name: "Settings" })).toBeVisible();
    await userEvent.click(page.getByRole("button", { name: /^English/ }));
    await expect.element(page.getByRole("menuitemradio", { name: "English" })).toBeChecked();
    await userEvent.click(page.getByRole("menuitemradio", { name: "As the system" }));
    await expect.element(page.getByRole("link", { name: "Inställningar" })).toBeVisible();
    expect(port.callsOf("language_set")).toEqual([{ language: "en" }, { language: null }]);
    await userEvent.click(page.getByRole("button", { name: /^Svenska/ }));
    await expect.element(page.getByRole("menuitemradio", { name: "Som systemet" })).toBeChecked();
  });

  afterEach(() => page.viewport(1440, 900));
  const width = () => document.querySelector("aside")?.getBoundingClientRect().width;
  const key = () => userEvent.keyboard("{Control>}b{/Control}");

  it.each([
    ["sv", "Fäll ihop sidofältet", "Fäll ut sidofältet", "Körningar"],
    ["en", "Collapse sidebar", "Expand sidebar", "Runs"],
  ] as const)("folds to its icons, whose words are hints then, and stays so, in %s", async (language, fold, unfold, runs) => {
    const first = await open("/customers", { language });
    await expect.poll(width).toBe(220);
    await userEvent.click(page.getByRole("button", { name: fold }));
    await expect.poll(width).toBe(52);
    await expect.element(page.getByRole("navigation", { name: /Huvudmeny|Main menu/ }).getByRole("link", { name: new RegExp(`^${runs}`) })).toHaveAttribute("title", runs);
    await expect.element(page.getByRole("button", { name: unfold })).toHaveAttribute("title", expect.stringContaining("B)"));
    const kept = localStorage.getItem("fabrik.sidebar") ?? "";
    await first.screen.unmount();
    await open("/runs", { language }, {}, { "fabrik.sidebar": kept });
    await expect.poll(width).toBe(52);
    await userEvent.click(page.getByRole("button", { name: unfold }));
    await expect.poll(width).toBe(220);
  });

  it.each(["/settings/general", "/settings/credentials", "/settings/blueprints", "/blueprints/factory"])("says that one is in the settings, at %s", async (address) => {
    await open(address);
    const settings = page.getByRole("complementary").getByRole("link", { name: "Inställningar" });
    await expect.element(settings).toHaveAttribute("aria-current", "page");
    await expect.element(settings).toHaveAttribute("data-status", "active");
    await userEvent.click(page.getByRole("navigation", { name: "Huvudmeny" }).getByRole("link", { name: /^Körningar/ }));
    await expect.element(settings).not.toHaveAttribute("aria-current");
    await expect.element(settings).not.toHaveAttribute("data-status");
  });

  it("shows at its icons what goes on and what waits where it is folded, and says it all the same", async () => {
    const told = { active_runs: [active("run-1", "Åkermark"), active("run-2", "Nordanvind", "waiting")], open_requests: 2 };
    await desktop(told);
    const menu = page.getByRole("navigation", { name: "Huvudmeny" });
    const runs = menu.getByRole("link", { name: /^Körningar.*1 pågår.*1/ });
    const shown = () => [...document.querySelectorAll<HTMLElement>("[data-mark]")].filter((mark) => mark.checkVisibility()).map((mark) => mark.dataset.mark);
    await expect.element(runs).toBeVisible();
    expect(shown()).toEqual([]);
    await key();
    await expect.poll(shown).toEqual(["open", "waiting", "running"]);
    await expect.element(runs).toBeVisible();
    await expect.element(menu.getByRole("link", { name: /^Förfrågningar.*2/ })).toBeVisible();
  });

  it("folds by its key and from the palette, but not where it has no room for words anyway", async () => {
    await open("/customers");
    await expect.element(page.getByText("Mälarstrand Konferens")).toBeVisible();
    await key();
    await expect.poll(width).toBe(52);
    await userEvent.keyboard("{Control>}k{/Control}");
    await userEvent.keyboard("sidofältet");
    await expect.element(page.getByRole("option", { name: /^Fäll ihop eller ut sidofältet/ })).toBeVisible();
    await userEvent.keyboard("{Enter}");
    await expect.poll(width).toBe(220);
    await page.viewport(720, 450);
    await expect.poll(width).toBe(52);
    await key();
    await page.viewport(1440, 900);
    await expect.poll(width).toBe(220);
  });

  it.each([
    ["sv", "sidofältet", "Sök eller gör", "Inga träffar"],
    ["en", "the sidebar", "Search or act", "Nothing matches"],
  ] as const)("is folded by the palette only where that does something, in %s", async (language, words, find, nothing) => {
    const { history } = await open("/runs", { language });
    const menu = page.getByRole("navigation", { name: /Huvudmeny|Main menu/ });
    const field = page.getByRole("combobox", { name: find });
    const look = async () => {
      await userEvent.keyboard("{Control>}k{/Control}");
      await userEvent.fill(field, words);
      await expect.element(page.getByText(nothing, { exact: true })).toBeVisible();
      await userEvent.keyboard("{Escape}");
      await expect.element(field).not.toBeInTheDocument();
    };
    await expect.element(menu).toBeVisible();
    await page.viewport(720, 450);
    await expect.poll(width).toBe(52);
    await look();
    await page.viewport(1440, 900);
    history.push("/first-run");
    await expect.element(menu).not.toBeInTheDocument();
    await look();
  });
});

describe("the workspace at the sidebar's foot", () => {
  const another = page.getByRole("menuitemradio", { name: /^norrform/ });

  it("leads to another by the keyboard alone, which the desktop window opens at once", async () => {
    const { port } = await open("/customers", { desktop: true });
    const badge = page.getByRole("button", { name: /^Sandlåda/ });
    await expect.element(badge).toBeVisible();
    badge.element().focus();
    await userEvent.keyboard("{Enter}");
    await expect.element(page.getByRole("menuitemradio", { name: /^Sandlåda/ })).toHaveAttribute("aria-checked", "true");
    await expect.poll(async () => {
      await userEvent.keyboard("{ArrowDown}");
      return document.activeElement?.textContent;
    }).toMatch(/^norrform/);
    await userEvent.keyboard("{Enter}");
    await expect.poll(() => port.shell?.opened).toEqual(["norrform"]);
    expect(port.callsOf("workspace_choose")).toEqual([]);
  });

  it("asks before what was typed in the page is lost", async () => {
    const { port, history } = await open("/settings/workspaces", { desktop: true });
    await userEvent.fill(page.getByLabelText("Serverns adress"), "postgres://anna@db.studio.se/central");
    const asked = page.getByRole("dialog", { name: "Lämna utan att spara?" });
    const begin = async () => {
      await userEvent.click(page.getByRole("button", { name: /^Sandlåda/ }));
      await userEvent.click(another);
    };
    await begin();
    await userEvent.click(asked.getByRole("button", { name: "Fortsätt redigera" }));
    await expect.element(asked).not.toBeInTheDocument();
    expect(port.shell?.opened).toEqual([]);
    await begin();
    await userEvent.click(asked.getByRole("button", { name: "Släng ändringarna" }));
    await expect.poll(() => port.shell?.opened).toEqual(["norrform"]);
    history.push("/runs");
    await expect.poll(() => history.location.pathname).toBe("/runs");
  });

  it("says in a browser that the next start opens it, and leads to their page", async () => {
    const { port, history } = await open("/customers", { language: "en" });
    const badge = page.getByRole("button", { name: /^Sandbox/ });
    await userEvent.click(badge);
    await expect.element(another).toHaveTextContent("Open at the next start");
    await userEvent.click(another);
    await expect.poll(() => port.callsOf("workspace_choose")).toEqual([{ name: "norrform" }]);
    await expect.element(page.getByText("norrform opens the next time you start Fabrik").first()).toBeInTheDocument();
    await userEvent.click(badge);
    await userEvent.click(page.getByRole("menuitem", { name: "Go to workspaces" }));
    await expect.poll(() => history.location.pathname).toBe("/settings/workspaces");
  });

  it("chooses nothing where a variable decides", async () => {
    const listed = await world().call("workspaces_list", {});
    await open("/customers", {}, { workspaces_list: () => ({ ...listed, fixed_by: "FABRIK_WORKSPACE" }) });
    await userEvent.click(page.getByRole("button", { name: /^Sandlåda/ }));
    await expect.element(another).toHaveAttribute("aria-disabled", "true");
  });
});

describe("closing while runs are under way", () => {
  it("asks, and Enter alone keeps the window", async () => {
    const { shell } = await desktop();
    await expect.poll(() => shell.menus).toBeDefined();
    shell.ask({ runs: 2, can_hide: true });
    await expect.element(page.getByRole("dialog", { name: "2 körningar pågår" })).toBeVisible();
    await expect.element(page.getByRole("button", { name: "Låt fönstret vara öppet" })).toHaveFocus();
    await userEvent.keyboard("{Enter}");
    await expect.poll(() => shell.answers).toEqual(["stay"]);
    await expect.element(page.getByRole("dialog")).not.toBeInTheDocument();
  });

  it("asks in the guide too, which has the menus and the palette as every page has", async () => {
    const { shell } = await desktop({}, {}, "/first-run");
    await expect.poll(() => shell.menus?.tray).toHaveLength(3);
    shell.ask({ runs: 1, can_hide: true });
    await page.getByRole("button", { name: "Fortsätt i bakgrunden" }).click();
    await expect.poll(() => shell.answers).toEqual(["hide"]);
    await userEvent.keyboard("{Control>}k{/Control}");
    await expect.element(page.getByRole("combobox", { name: "Sök eller gör" })).toBeVisible();
  });

  it("says that it asks, each time it is told to, and puts one question", async () => {
    const { shell } = await desktop();
    await expect.poll(() => shell.menus).toBeDefined();
    expect(shell.asked).toBe(0);
    shell.ask({ runs: 1, can_hide: true });
    await expect.poll(() => shell.asked).toBe(1);
    shell.ask({ runs: 2, can_hide: true });
    await expect.poll(() => shell.asked).toBe(2);
    await expect.element(page.getByRole("dialog", { name: "2 körningar pågår" })).toBeVisible();
    expect(page.getByRole("dialog").elements()).toHaveLength(1);
    expect(shell.answers).toEqual([]);
  });

  it("asks again, and says why, where the answer could not be given", async () => {
    const { shell } = await desktop();
    await expect.poll(() => shell.menus).toBeDefined();
    shell.fault = new ConnectionError("gone");
    shell.ask({ runs: 1, can_hide: true });
    const question = page.getByRole("dialog", { name: "1 körning pågår" });
    await question.getByRole("button", { name: "Stoppa och stäng" }).click();
    await expect.element(page.getByText("Fabrik går inte att nå").first()).toBeInTheDocument();
    await expect.element(question).toBeVisible();
    shell.fault = undefined;
    await question.getByRole("button", { name: "Stoppa och stäng" }).click();
    await expect.poll(() => shell.answers).toEqual(["end"]);
  });

  it("goes on behind the tray where there is one", async () => {
    const { shell } = await desktop();
    await expect.poll(() => shell.menus).toBeDefined();
    shell.ask({ runs: 1, can_hide: true });
    await page.getByRole("button", { name: "Fortsätt i bakgrunden" }).click();
    await expect.poll(() => shell.answers).toEqual(["hide"]);
    shell.ask({ runs: 1, can_hide: false });
    await expect.element(page.getByRole("dialog", { name: "1 körning pågår" })).toBeVisible();
    await expect.element(page.getByRole("button", { name: "Fortsätt i bakgrunden" })).not.toBeInTheDocument();
    await page.getByRole("button", { name: "Stoppa och stäng" }).click();
    await expect.poll(() => shell.answers).toEqual(["hide", "end"]);
  });
});

describe("a run that ends", () => {
  it("is told to the system, and a click leads to it", async () => {
    const { shell, port, told, history } = await desktop({ active_runs: [active("run-done", "Åkermark")] });
    await expect.element(page.getByText("1 pågår")).toBeVisible();
    expect(shell.notices).toEqual([]);
    told.active_runs = [];
    port.hint("runs");
    await expect.poll(() => shell.notices.map((notice) => notice.about)).toEqual(["/runs/run-done"]);
    expect(shell.notices[0]?.text).toMatch(/^Körning \d+: klar/);
    shell.click("/runs/run-done");
    await expect.poll(() => history.location.pathname).toBe("/runs/run-done");
  });
});

describe("many runs that end", () => {
  it("are one notification, and what comes right after waits for the next", async () => {
    const later = active("run-rolled-back", "Fjällfrakt");
    const { shell, port, told, history } = await desktop({ active_runs: [active("run-done", "Åkermark"), active("run-failed", "Sjövik"), later] });
    await expect.element(page.getByText("3 pågår")).toBeVisible();
    told.active_runs = [later];
    port.hint("runs");
    await expect.poll(() => shell.notices).toEqual([{ title: "Nytt om 2 körningar", text: "Klar: 1; Misslyckades: 1", about: "/runs" }]);
    told.active_runs = [];
    port.hint("runs");
    await expect.element(messages().getByRole("dialog", { name: "Nytt om 3 körningar" })).toBeVisible();
    expect(shell.notices).toHaveLength(1);
    shell.click("/runs");
    await expect.poll(() => history.location.pathname).toBe("/runs");
  });

  it("tell of another workspace too, where runs are driven on after it was left", async () => {
    const { shell } = await desktop();
    await expect.element(page.getByText("1 pågår")).toBeVisible();
    const run = { ...runOf({ customer: "c9", state: "failed" }), number: 31 };
    shell.elsewhere({ workspace: "norrform", customer: "Here", run: { ...run, id: "run-here" } });
    shell.elsewhere({ workspace: "acme", customer: "Går än", run: { ...run, id: "run-goes", state: "running" } });
    for (const _ of ["one", "and again"]) shell.elsewhere({ workspace: "acme", customer: "Sjövik Camping", run });
    await expect.element(messages().getByRole("dialog", { name: "Sjövik Camping" })).toHaveTextContent("Körning 31 i arbetsytan acme: misslyckades");
    await expect.poll(() => shell.notices).toEqual([
      { title: "Sjövik Camping", text: "Körning 31 i arbetsytan acme: misslyckades", about: "/settings/workspaces" },
    ]);
    await expect.element(messages().getByRole("button", { name: "Gå till arbetsytor" })).toBeVisible();
  });
});

const messages = () => page.getByRole("region", { name: "Meddelanden" });

describe("a message of runs that ended", () => {
  it("says how it went, and asks for nothing where it went well", async () => {
    const { port, told } = await desktop({ active_runs: [active("run-done", "Åkermark")] });
    await expect.element(page.getByText("1 pågår")).toBeVisible();
    told.active_runs = [];
    port.hint("runs");
    await expect.element(messages().getByRole("dialog", { name: "Åkermark Juristbyrå" })).toHaveTextContent("Körning 214: klar");
    expect(messages().getByRole("button", { name: "Visa körningen" }).elements()).toEqual([]);
  });

  it("leads to one that failed", async () => {
    const { port, told, history } = await desktop({ active_runs: [active("run-failed", "Sjövik")] });
    await expect.element(page.getByText("1 pågår")).toBeVisible();
    told.active_runs = [];
    port.hint("runs");
    await expect.element(messages().getByRole("dialog", { name: "Åkermark Juristbyrå" })).toHaveTextContent("Körning 214: misslyckades");
    await messages().getByRole("button", { name: "Visa körningen" }).click();
    await expect.poll(() => history.location.pathname).toBe("/runs/run-failed");
  });

  it.each([
    ["run-done", "klar"],
    ["run-failed", "misslyckades"],
  ])("says on a run's own page how it ended, and leads nowhere: %s", async (run, word) => {
    const { port, told } = await desktop({ active_runs: [active(run, "Åkermark")] }, {}, `/runs/${run}`);
    await expect.element(page.getByText("1 pågår")).toBeVisible();
    told.active_runs = [];
    port.hint("runs");
    await expect.element(messages().getByRole("dialog", { name: "Åkermark Juristbyrå" })).toHaveTextContent(`Körning 214: ${word}`);
    expect(messages().getByRole("button", { name: "Visa körningen" }).elements()).toEqual([]);
  });

  it("leaves a question to the run's own page where that is open", async () => {
    const runs = [active("run-deciding", "Åkermark"), active("run-done", "Nordanvind")];
    const { port, told } = await desktop({ active_runs: runs }, {}, "/runs/run-deciding");
    await expect.element(page.getByText("2 pågår")).toBeVisible();
    told.active_runs = [active("run-deciding", "Åkermark", "waiting")];
    port.hint("runs");
    await expect.element(messages().getByRole("dialog", { name: "Åkermark Juristbyrå" })).toHaveTextContent("Körning 214: klar");
    expect(messages().getByRole("dialog").elements()).toHaveLength(1);
  });

  it("is one for many, and counts in what comes while it is there", async () => {
    const later = active("run-rolled-back", "Fjällfrakt");
    const { port, told, history } = await desktop({ active_runs: [active("run-done", "Åkermark"), active("run-failed", "Sjövik"), active("run-leftovers", "Fjällfrakt"), later] });
    await expect.element(page.getByText("4 pågår")).toBeVisible();
    told.active_runs = [later];
    port.hint("runs");
    await expect.element(messages().getByRole("dialog", { name: "Nytt om 3 körningar" })).toHaveTextContent("Klar: 1; Misslyckades: 1; Ångrad, med rester: 1");
    told.active_runs = [];
    port.hint("runs");
    await expect.element(messages().getByRole("dialog", { name: "Nytt om 4 körningar" })).toBeVisible();
    expect(messages().getByRole("dialog").elements()).toHaveLength(1);
    await messages().getByRole("button", { name: "Gå till körningar" }).click();
    await expect.poll(() => history.location.pathname).toBe("/runs");
  });
});

describe("runs that were interrupted", () => {
  it("are offered for resuming, and can be left", async () => {
    const { port } = await desktop({ interrupted_runs: [interrupted("r1", "Åkermark"), interrupted("r2", "Nordanvind")] });
    port.answers.run_resume = () => runOf({ customer: "c1", state: "running" });
    await page.getByRole("button", { name: "Återuppta alla" }).click();
    await expect.poll(() => port.callsOf("run_resume")).toEqual([{ run: "r1" }, { run: "r2" }]);
    await expect.element(page.getByRole("region", { name: "Avbrutna körningar" })).not.toBeInTheDocument();
  });

  it("are offered once more where they went on and are interrupted once more", async () => {
    const { port, told } = await desktop({ interrupted_runs: [interrupted("r1", "Åkermark")] });
    port.answers.run_resume = () => runOf({ customer: "c1", state: "running" });
    const offer = page.getByRole("region", { name: "Avbrutna körningar" });
    await expect.element(offer).toBeVisible();
    Object.assign(told, { interrupted_runs: [], active_runs: [active("r1", "Åkermark")] });
    await offer.getByRole("button", { name: "Återuppta" }).click();
    await expect.element(page.getByText("1 pågår")).toBeVisible();
    await expect.element(offer).not.toBeInTheDocument();
    Object.assign(told, { interrupted_runs: [interrupted("r1", "Åkermark", 12)], active_runs: [] });
    port.hint("runs");
    await expect.element(offer).toBeVisible();
  });

  it("are not offered where their own page does", async () => {
    const { history } = await desktop({ interrupted_runs: [interrupted("run-c0", "Åkermark")] });
    await expect.element(page.getByRole("region", { name: "Avbrutna körningar" })).toBeVisible();
    history.push("/runs/run-c0");
    await expect.element(page.getByRole("region", { name: "Avbrutna körningar" })).not.toBeInTheDocument();
    history.push("/customers");
    await expect.element(page.getByRole("region", { name: "Avbrutna körningar" })).toBeVisible();
  });

  it("are not pressed upon whoever says later", async () => {
    const { port } = await desktop({ interrupted_runs: [interrupted("r1", "Åkermark")] });
    await expect.element(page.getByText("Körningen för Åkermark avbröts. Den kan fortsätta där den var.")).toBeVisible();
    await page.getByRole("button", { name: "Inte nu" }).click();
    await expect.element(page.getByRole("region", { name: "Avbrutna körningar" })).not.toBeInTheDocument();
    expect(port.callsOf("run_resume")).toEqual([]);
  });

  it("are offered once more where nothing was heard of them between two interruptions", async () => {
    const { port, told } = await desktop({ interrupted_runs: [interrupted("r1", "Åkermark"), interrupted("r2", "Nordanvind")] });
    await page.getByRole("button", { name: "Inte nu" }).click();
    await expect.element(page.getByRole("region", { name: "Avbrutna körningar" })).not.toBeInTheDocument();
    told.interrupted_runs = [interrupted("r1", "Åkermark"), interrupted("r2", "Nordanvind", 12)];
    port.hint("runs");
    await expect.element(page.getByText("Körningen för Nordanvind avbröts. Den kan fortsätta där den var.")).toBeVisible();
  });
});

describe("a message that stays", () => {
  const exportAll = async () => {
    await userEvent.click(page.getByRole("button", { name: "Exportera" }));
    await userEvent.click(page.getByRole("menuitem", { name: "Alla kunder som CSV" }));
  };
  const english = () => speak("English");
  const told = () => page.getByRole("region", { name: "Messages" });
  afterEach(() => page.viewport(1440, 900));

  it("is in the language of the window, with what it offers, after that was changed", async () => {
    await open("/customers");
    await exportAll();
    await expect.element(messages().getByText(/ sparades$/)).toBeVisible();
    await english();
    await expect.element(told().getByText(/ was saved$/)).toBeVisible();
    await expect.element(told().getByRole("button", { name: "Show in folder" })).toBeVisible();
    expect(page.getByText(/ sparades$/).elements()).toEqual([]);
  });

  it("is so too where it tells why something could not be done", async () => {
    await open("/customers", {}, { customers_save: () => refuse({ code: "disk_full" }) });
    await exportAll();
    await expect.element(messages().getByText("Disken är full").first()).toBeInTheDocument();
    await english();
    await expect.element(told().getByText("The disk is full").first()).toBeInTheDocument();
    expect(page.getByText("Disken är full").elements()).toEqual([]);
  });

  it("gives its place to that of the next file: both lie in one folder", async () => {
    let files = 0;
    await open("/customers", {}, { customers_save: () => ({ name: `kunder-${++files}.csv`, path: `/home/anna/Hämtningar/kunder-${files}.csv` }) });
    await exportAll();
    await expect.element(messages().getByText("kunder-1.csv sparades", { exact: true })).toBeVisible();
    await exportAll();
    await expect.element(messages().getByText("kunder-2.csv sparades", { exact: true })).toBeVisible();
    expect(messages().getByRole("dialog").elements()).toHaveLength(1);
  });

  it("works wherever it is seen: three stand at most, in no more than their part of the window, and older ones wait for room", async () => {
    const why: readonly (readonly [Problem, string])[] = [
      [{ code: "disk_full" }, "Disken är full"],
      [{ code: "database_read_only" }, "Databasen går inte att skriva i"],
      [{ code: "keyring_locked" }, "Nyckelringen är låst"],
      [{ code: "keyring_timed_out" }, "Nyckelringen svarade inte"],
    ];
    let asked = 0;
    await open("/customers", {}, { customers_save: () => refuse(why[asked++]?.[0] ?? { code: "internal" }) });
    const stand = () => [...document.querySelectorAll<HTMLElement>("[role=alertdialog]:not([data-ending-style])")].filter((one) => one.checkVisibility());
    for (const [, title] of why) {
      await exportAll();
      await expect.poll(() => stand()[0]?.textContent).toContain(title);
    }
    expect(stand()).toHaveLength(3);
    expect(stand().filter(({ inert }) => inert)).toEqual([]);
    await page.viewport(720, 450);
    await expect.poll(() => messages().element().getBoundingClientRect().height).toBeLessThanOrEqual(180);
    await page.viewport(1440, 900);
    for (const left of [3, 2, 1, 0]) {
      await userEvent.click(stand()[0]!.querySelector("button")!);
      await expect.poll(() => stand().length).toBe(left);
      if (left === 3) expect(stand().at(-1)?.textContent).toContain("Disken är full");
    }
  });

  it.each([
    [1440, 900],
    [1024, 640],
  ])("hides neither what is done with the rows that are chosen nor a dialog, in a window of %i by %i", async (width, height) => {
    await page.viewport(width, height);
    const { history } = await open("/customers");
    await exportAll();
    await expect.element(messages().getByRole("dialog")).toBeVisible();
    const box = messages().getByRole("dialog").element();
    const between = (upper: Element, lower: Element) => lower.getBoundingClientRect().top - upper.getBoundingClientRect().bottom;
    await userEvent.click(page.getByRole("checkbox", { name: "Välj Nordanvind Byggkonsult" }));
    const bar = page.getByRole("toolbar", { name: "Åtgärder för valda kunder" });
    await expect.element(bar).toBeVisible();
    await expect.poll(() => between(box, bar.element())).toBeGreaterThanOrEqual(0);
    history.push("/customers/c1");
    await userEvent.click(page.getByRole("button", { name: "Visa plan" }));
    const plan = page.getByRole("dialog", { name: "Plan för Nordanvind Byggkonsult" });
    await expect.element(plan.getByText("12 görs")).toBeVisible();
    await expect.poll(() => between(plan.element(), box)).toBeGreaterThanOrEqual(0);
    expect(box.isConnected).toBe(true);
  });
});
