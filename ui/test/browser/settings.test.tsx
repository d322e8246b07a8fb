import { describe, expect, it } from "vitest";
import { page, userEvent } from "vitest/browser";

import type { DatabaseView, SettingView } from "@/backend/bindings";
import { CommandError } from "@/backend/errors";

import { refuse } from "../port";
import { world } from "../world";
import { later, open } from "./open";

const choose = async (label: string, option: string) => {
  await userEvent.click(page.getByRole("combobox", { name: label }));
  await userEvent.click(page.getByRole("option", { name: option }));
};

describe("general settings", () => {
  it("rows grow with the density, in the list too", async () => {
    const { port } = await open("/settings/general");
    await choose("Radhöjd", "Luftig, 44 px");
    await expect.poll(() => port.callsOf("density_set")).toEqual([{ density: "comfortable" }]);
    await userEvent.click(page.getByRole("link", { name: /Kunder/ }));
    await expect.element(page.getByText("Mälarstrand Konferens")).toBeVisible();
    await expect.poll(() => document.querySelector("tr[data-customer]")?.getBoundingClientRect().height).toBe(44);
    expect(document.documentElement.dataset.density).toBe("comfortable");
  });

  it("the language follows the system again once that is chosen", async () => {
    const { port } = await open("/settings/general");
    await expect.element(page.getByRole("combobox", { name: "Språk" })).toHaveTextContent("Som systemet");
    await choose("Språk", "English");
    await expect.element(page.getByRole("combobox", { name: "Language" })).toHaveTextContent("English");
    await choose("Language", "As the system");
    await expect.element(page.getByRole("combobox", { name: "Språk" })).toHaveTextContent("Som systemet");
    expect(port.callsOf("language_set")).toEqual([{ language: "en" }, { language: null }]);
  });

  it("single keys are switched off here as among the shortcuts", async () => {
    await open("/settings/general", { language: "en" });
    await userEvent.click(page.getByRole("checkbox", { name: "Single-key shortcuts" }));
    await userEvent.click(page.getByRole("link", { name: "Shortcuts" }));
    await expect.element(page.getByRole("checkbox", { name: "Single-key shortcuts" })).not.toBeChecked();
  });
});

describe("the settings of vendors and of mail", () => {
  it("are on pages of their own", async () => {
    await open("/settings/providers");
    await expect.element(page.getByRole("heading", { name: "GitHub" })).toBeVisible();
    await expect.element(page.getByRole("heading", { name: "E-post", exact: true })).not.toBeInTheDocument();
    await userEvent.click(page.getByRole("link", { name: "Domäner och e-post" }));
    await expect.element(page.getByRole("heading", { name: "E-post", exact: true })).toBeVisible();
    await expect.element(page.getByRole("heading", { name: "GitHub" })).not.toBeInTheDocument();
  });
});

describe("a setting that is one of a few words", () => {
  const approve = (value: string) => ({ key: "stripe.approve", value, source: value === "ask" ? ("default" as const) : ("stored" as const), variable: "FABRIK_STRIPE_APPROVE", secret: false, overruled: false });

  it("is chosen among them, and kept at once", async () => {
    const { port } = await open("/settings/providers", {}, { settings_list: () => [approve("ask")], setting_set: () => [approve("at_once")] });
    const choice = page.getByRole("combobox", { name: "Nya prenumerationer" });
    await expect.element(choice).toHaveTextContent("Fråga först");
    await choose("Nya prenumerationer", "Godkänn direkt");
    await expect.poll(() => port.callsOf("setting_set")).toEqual([{ key: "stripe.approve", value: "at_once" }]);
    await expect.element(choice).toHaveTextContent("Godkänn direkt");
    await expect.element(page.getByText("Nya prenumerationer sparades")).toBeVisible();
  });

  it("stays as it was where the change is refused, which is said of it", async () => {
    await open("/settings/providers", {}, { settings_list: () => [approve("ask")], setting_set: () => refuse({ code: "disk_full" }) });
    await choose("Nya prenumerationer", "Godkänn direkt");
    await expect.element(page.getByRole("main").getByRole("alert").getByRole("heading", { name: "Disken är full" })).toBeVisible();
    const choice = page.getByRole("combobox", { name: "Nya prenumerationer" });
    await expect.element(choice).toHaveTextContent("Fråga först");
    await expect.element(choice).not.toHaveAttribute("aria-invalid");
  });

  it("is a word, too, where a variable decides", async () => {
    await open("/settings/providers", {}, { settings_list: () => [{ ...approve("ask"), source: "environment" as const }] });
    await expect.element(page.getByText("Fråga först")).toBeVisible();
    await expect.element(page.getByRole("combobox", { name: "Nya prenumerationer" })).not.toBeInTheDocument();
  });
});

it("a variable that goes before what is stored is told", async () => {
  const owner = { key: "github.owner", value: "norrform", source: "environment" as const, variable: "FABRIK_GITHUB_OWNER", secret: false, overruled: true };
  await open("/settings/providers", {}, { settings_list: () => [owner] });
  await expect.element(page.getByText("FABRIK_GITHUB_OWNER bestämmer och går före det som är sparat; ändra där")).toBeVisible();
});

it("a setting's name is read whole, with its unit below", async () => {
  const ceiling = { key: "supabase.ceiling", value: "300", source: "default" as const, variable: "FABRIK_SUPABASE_CEILING", secret: false, overruled: false };
  const prices = { key: "stripe.prices", source: "unset" as const, variable: "FABRIK_STRIPE_PRICES", secret: false, overruled: false };
  await open("/settings/providers", {}, { settings_list: () => [ceiling, prices] });
  await expect.element(page.getByText("I sekunder")).toBeVisible();
  await expect.element(page.getByText("Priser och planer")).toBeVisible();
  const cut = () => [...document.querySelectorAll<HTMLElement>("main li span[title]")].filter((name) => name.scrollWidth > name.clientWidth).map(({ title }) => title);
  await expect.poll(cut).toEqual([]);
});

describe("a setting that is being changed", () => {
  const owner = { key: "github.owner", value: "norrform", source: "stored" as const, variable: "FABRIK_GITHUB_OWNER", secret: false, overruled: false };
  const begin = async () => {
    const opened = await open("/settings/providers", {}, { settings_list: () => [owner] });
    await userEvent.click(page.getByRole("button", { name: "Ändra: Ägare till repon" }));
    return opened;
  };
  const asked = () => page.getByRole("dialog", { name: "Lämna utan att spara?" });
  const typed = () => page.getByRole("textbox", { name: "Värde för Ägare till repon" });

  it("is left by Escape as long as nothing was typed", async () => {
    await begin();
    await expect.element(typed()).toHaveFocus();
    await userEvent.keyboard("{Escape}");
    await expect.element(typed()).not.toBeInTheDocument();
    await expect.element(asked()).not.toBeInTheDocument();
  });

  it("says at the value what is wrong with it", async () => {
    const { port } = await begin();
    port.answers.setting_set = () => refuse({ code: "setting_invalid", setting: "github.owner", expected: "text" });
    await userEvent.fill(typed(), "norrform ab");
    await userEvent.keyboard("{Enter}");
    await expect.element(page.getByRole("main").getByText("Den ska se ut så här: text")).toBeVisible();
    await expect.element(typed()).toHaveAttribute("aria-invalid", "true");
    await expect.element(typed()).toHaveAccessibleDescription("Den ska se ut så här: text");
  });

  it("says of everything else what failed, in whose words, and what to do; the value is not at fault", async () => {
    const { port, history } = await begin();
    port.answers.setting_set = () => refuse({ code: "database_failed", detail: "database is locked (261)" });
    await userEvent.fill(typed(), "norrform-ab");
    await userEvent.keyboard("{Enter}");
    const said = page.getByRole("main").getByRole("alert");
    await expect.element(said.getByRole("heading", { name: "Databasen svarade med ett fel" })).toBeVisible();
    await expect.element(said.getByText("database is locked (261)")).toBeVisible();
    await expect.element(typed()).toHaveValue("norrform-ab");
    await expect.element(typed()).not.toHaveAttribute("aria-invalid");
    await userEvent.click(said.getByRole("button", { name: "Öppna diagnosen" }));
    await userEvent.click(asked().getByRole("button", { name: "Släng ändringarna" }));
    await expect.poll(() => history.location.pathname).toBe("/settings/about");
  });

  it("asks before what was typed is lost, by Escape and by another page; Enter alone keeps it", async () => {
    const { port, history } = await begin();
    await userEvent.fill(typed(), "norrform-ab");
    await userEvent.keyboard("{Escape}");
    await expect.element(asked()).toBeVisible();
    await userEvent.keyboard("{Enter}");
    await expect.element(asked()).not.toBeInTheDocument();
    await expect.element(typed()).toHaveValue("norrform-ab");
    await userEvent.click(page.getByRole("link", { name: "Mallar" }));
    await expect.element(asked()).toBeVisible();
    expect(history.location.pathname).toBe("/settings/providers");
    await userEvent.click(asked().getByRole("button", { name: "Släng ändringarna" }));
    await expect.poll(() => history.location.pathname).toBe("/settings/blueprints");
    expect(port.callsOf("setting_set")).toEqual([]);
  });
});

describe("the focus, once a setting was changed,", () => {
  const owner = { key: "github.owner", value: "norrform", source: "stored" as const, variable: "FABRIK_GITHUB_OWNER", secret: false, overruled: false };
  const change = () => page.getByRole("button", { name: "Ändra: Ägare till repon" });
  const typed = () => page.getByRole("textbox", { name: "Värde för Ägare till repon" });
  const begin = async () => {
    await userEvent.click(change());
    await expect.element(typed()).toHaveFocus();
  };

  it("is on what it was begun with: by Escape, what was typed or not, by Cancel and by Save", async () => {
    await open("/settings/providers", {}, { settings_list: () => [owner], setting_set: () => [owner] });
    await expect.element(change()).toBeVisible();
    await begin();
    await userEvent.keyboard("{Escape}");
    await expect.element(change()).toHaveFocus();
    await begin();
    await userEvent.fill(typed(), "norrform-ab");
    await userEvent.keyboard("{Escape}");
    await userEvent.click(page.getByRole("button", { name: "Släng ändringarna" }));
    await expect.element(change()).toHaveFocus();
    await begin();
    await userEvent.click(page.getByRole("button", { name: "Avbryt", exact: true }));
    await expect.element(change()).toHaveFocus();
    await begin();
    await userEvent.fill(typed(), "norrform-ab");
    await userEvent.click(page.getByRole("button", { name: "Spara", exact: true }));
    await expect.element(change()).toHaveFocus();
  });

  it("stays with who has gone elsewhere meanwhile", async () => {
    const answer = later<SettingView[]>();
    const { port } = await open("/settings/providers", {}, { settings_list: () => [owner], setting_set: () => answer.promise });
    await expect.element(change()).toBeVisible();
    await begin();
    await userEvent.fill(typed(), "norrform-ab");
    await userEvent.keyboard("{Enter}");
    await expect.poll(() => port.callsOf("setting_set").length).toBe(1);
    const elsewhere = page.getByRole("link", { name: "Mallar" });
    elsewhere.element().focus();
    answer.settle([owner]);
    await expect.element(change()).toBeVisible();
    await expect.element(elsewhere).toHaveFocus();
  });
});

describe("a setting that is a secret", () => {
  const PASSWORD = "kanariefagel-9f27c1d4";
  const smtp = (source: "unset" | "stored") => ({ key: "smtp.password", source, variable: "FABRIK_SECRET_SMTP_PASSWORD", secret: true, overruled: false });

  it("goes in once, is never shown, and is removed", async () => {
    let source: "unset" | "stored" = "unset";
    const { port } = await open("/settings/mail", { live: true }, {
      settings_list: () => [smtp(source)],
      setting_secret_set: ({ secret }) => {
        source = secret === "" ? "unset" : "stored";
        return [smtp(source)];
      },
    });
    const change = page.getByRole("button", { name: "Ändra: Lösenord" });
    await userEvent.click(change);
    const field = document.querySelector<HTMLInputElement>("form input[type=password]")!;
    await userEvent.fill(page.elementLocator(field), PASSWORD);
    await userEvent.click(page.getByRole("button", { name: "Spara", exact: true }));
    await expect.poll(() => port.callsOf("setting_secret_set")).toEqual([{ key: "smtp.password", secret: PASSWORD }]);
    await expect.element(page.getByText("••••••••")).toBeVisible();
    expect(document.documentElement.outerHTML).not.toContain(PASSWORD);
    expect(field.value).toBe("");

    await userEvent.click(change);
    await userEvent.click(page.getByRole("button", { name: "Rensa", exact: true }));
    await expect.poll(() => port.callsOf("setting_secret_set").length).toBe(2);
    await expect.element(page.getByText("••••••••")).not.toBeInTheDocument();
  });

  it("is asked about before it is lost, by Escape and by another page", async () => {
    const { port, history } = await open("/settings/mail", { live: true }, { settings_list: () => [smtp("unset")] });
    await userEvent.click(page.getByRole("button", { name: "Ändra: Lösenord" }));
    const field = page.getByLabelText("Värde för Lösenord");
    const asked = page.getByRole("dialog", { name: "Lämna utan att spara?" });
    await userEvent.fill(field, PASSWORD);
    await userEvent.keyboard("{Escape}");
    await userEvent.click(asked.getByRole("button", { name: "Fortsätt redigera" }));
    await expect.element(asked).not.toBeInTheDocument();
    await expect.element(field).toHaveValue(PASSWORD);
    await userEvent.click(page.getByRole("link", { name: "Mallar" }));
    await expect.element(asked).toBeVisible();
    expect(history.location.pathname).toBe("/settings/mail");
    await userEvent.click(asked.getByRole("button", { name: "Släng ändringarna" }));
    await expect.poll(() => history.location.pathname).toBe("/settings/blueprints");
    expect(port.callsOf("setting_secret_set")).toEqual([]);
  });
});

describe("workspaces", () => {
  it("are opened in the desktop window at once", async () => {
    const { port } = await open("/settings/workspaces", { desktop: true });
    await userEvent.click(page.getByRole("button", { name: "Öppna: norrform" }));
    await expect.poll(() => port.shell?.opened).toEqual(["norrform"]);
    // One that can't be opened is not what the next start begins with.
    expect(port.callsOf("workspace_choose")).toEqual([]);
  });

  it("are opened once it is said that what was typed may go: before that nothing is chosen", async () => {
    const { port, history } = await open("/settings/workspaces", { desktop: true });
    const address = page.getByLabelText("Serverns adress");
    await userEvent.fill(address, "postgres://anna@db.studio.se/central");
    await userEvent.click(page.getByRole("button", { name: "Öppna: norrform" }));
    const asked = page.getByRole("dialog", { name: "Lämna utan att spara?" });
    await userEvent.click(asked.getByRole("button", { name: "Fortsätt redigera" }));
    await expect.element(asked).not.toBeInTheDocument();
    await expect.element(address).toHaveValue("postgres://anna@db.studio.se/central");
    expect(port.callsOf("workspace_choose")).toEqual([]);

    await userEvent.click(page.getByRole("button", { name: "Öppna: norrform" }));
    await userEvent.click(asked.getByRole("button", { name: "Släng ändringarna" }));
    await expect.poll(() => port.shell?.opened).toEqual(["norrform"]);
    // The window begins anew: nothing stands in its way.
    history.push("/settings/mail");
    await expect.poll(() => history.location.pathname).toBe("/settings/mail");
  });

  it("are opened without the filter and the place of the one before", async () => {
    const { port, history } = await open("/customers?state=needs_you", { desktop: true });
    await expect.element(page.getByRole("link", { name: "Fjällfrakt Logistik" })).toBeVisible();
    history.push("/runs?group=failed");
    await expect.element(page.getByRole("textbox", { name: "Filtrera körningar" })).toBeVisible();
    history.push("/settings/workspaces");
    await userEvent.click(page.getByRole("button", { name: "Öppna: norrform" }));
    await expect.poll(() => port.shell?.opened).toEqual(["norrform"]);
    history.push("/customers/c4");
    const crumb = page.getByRole("main").getByRole("link", { name: "Kunder", exact: true });
    await expect.element(crumb).toBeVisible();
    expect(crumb.element().getAttribute("href")).not.toContain("needs_you");
    expect(Object.keys(sessionStorage).filter((key) => /^fabrik\.(customers|runs)\./.test(key))).toEqual([]);
  });

  it("another is chosen for the next start, and it is said that Fabrik must be started again", async () => {
    const { port } = await open("/settings/workspaces");
    await expect.element(page.getByText("Öppen nu")).toBeVisible();
    await userEvent.click(page.getByRole("button", { name: "Öppna vid nästa start: norrform" }));
    await expect.poll(() => port.callsOf("workspace_choose")).toEqual([{ name: "norrform" }]);
    await expect.element(page.getByText("Avsluta Fabrik och starta igen för att öppna norrform.", { exact: false })).toBeVisible();
    await expect.element(page.getByText("Öppnas vid nästa start")).toBeVisible();
  });

  it("a name that can't be one is told at its field, and nothing is asked", async () => {
    const { port } = await open("/settings/workspaces", { language: "en" });
    await userEvent.fill(page.getByLabelText("New workspace"), "Åkermark AB");
    await userEvent.click(page.getByRole("button", { name: "Create and select" }));
    await expect.element(page.getByLabelText("New workspace")).toHaveAttribute("aria-invalid", "true");
    expect(port.callsOf("workspace_choose")).toEqual([]);
  });

  it("where a variable decides, it is named and nothing can be chosen", async () => {
    await open("/settings/workspaces", {}, {
      workspaces_list: () => ({
        workspaces: [
          { name: "sandbox", sandbox: true, open: false, next: false },
          { name: "norrform", sandbox: false, open: true, next: true },
        ],
        fixed_by: "FABRIK_WORKSPACE",
        data_directory: "/data",
        database: "/data/norrform/central.db",
      }),
    });
    await expect.element(page.getByText("FABRIK_WORKSPACE bestämmer", { exact: false })).toBeVisible();
    await expect.element(page.getByRole("button", { name: /vid nästa start/ })).not.toBeInTheDocument();
  });

  it("says where the data lies, and opens the folder; a system that can't is no silence", async () => {
    const { port } = await open("/settings/workspaces", {}, {
      folder_open: () => {
        throw new CommandError({ code: "nothing_opens", what: "/home/anna/.local/share/fabrik" });
      },
    });
    await userEvent.click(page.getByRole("button", { name: "Öppna mappen" }));
    await userEvent.click(page.getByRole("button", { name: "Öppna mappen" }));
    await expect.poll(() => port.callsOf("folder_open").length).toBe(2);
    // Said twice it is one message.
    await expect.poll(() => page.getByRole("alert").filter({ hasText: "Datorn har inget som öppnar det" }).elements().length).toBe(1);
  });
});

describe("the central database", () => {
  it("goes over to a server with all records; the password is nowhere on the screen after", async () => {
    const { port } = await open("/settings/workspaces");
    await userEvent.fill(page.getByLabelText("Serverns adress"), "postgres://anna@db.studio.se/central");
    const password = page.getByRole("region", { name: "Central databas" }).getByLabelText("Lösenord");
    await userEvent.fill(password, "hemligt");
    await userEvent.click(page.getByRole("button", { name: "Gå över till servern" }));
    await expect
      .poll(() => port.callsOf("database_set"))
      .toEqual([{ url: "postgres://anna@db.studio.se/central", password: "hemligt", bring: true }]);
    await expect.element(page.getByText("Avsluta Fabrik och starta igen: till dess", { exact: false })).toBeVisible();
    await expect.element(password).toHaveValue("");
    await userEvent.click(page.getByRole("button", { name: "Gå tillbaka till filen på den här datorn" }));
    await expect.poll(() => port.callsOf("database_set").at(-1)).toEqual({ url: "local", password: null, bring: false });
    await expect.element(page.getByText("Uppgifterna på postgres://anna@db.studio.se/central finns kvar.", { exact: false })).toBeVisible();
    await expect.element(page.getByText("bo@hylla", { exact: false })).toBeVisible();
  });

  it("is used at once where the one before could not be opened, and everything is asked anew", async () => {
    const noted: DatabaseView = { place: "postgres://anna@db.studio.se/central", server: true, encrypted: true, restart: false, moved: [], others: [] };
    const { port } = await open("/settings/workspaces", { language: "en" }, {
      overview: () => refuse({ code: "database_unreachable", server: "db.studio.se:5432" }),
      database: () => noted,
      database_set: () => noted,
    });
    await userEvent.fill(page.getByLabelText("Address of the server"), noted.place);
    const customers = page.getByRole("link", { name: /Customers/ });
    await expect.element(customers).not.toHaveTextContent("20");
    port.answers.overview = world({ language: "en" }).answers.overview;
    await userEvent.click(page.getByRole("button", { name: "Switch to the server" }));
    await expect.element(page.getByText("Fabrik uses it now")).toBeVisible();
    await expect.element(customers).toHaveTextContent("20");
  });

  it("what is wrong with the address is told at the field", async () => {
    const { port } = await open("/settings/workspaces", { language: "en" }, {
      database_set: () => refuse({ code: "database_url_invalid", detail: "no host" }),
    });
    const address = page.getByLabelText("Address of the server");
    await userEvent.fill(address, "postgres://anna@");
    await userEvent.click(page.getByRole("button", { name: "Switch to the server" }));
    await expect.element(page.getByText("It looks like this: postgres://user@server/database", { exact: false })).toBeVisible();
    await expect.element(page.getByText("no host")).toBeVisible();
    await expect.element(address).toHaveAttribute("aria-invalid", "true");
    // What is wrong with the next is another thing.
    port.answers.database_set = () => refuse({ code: "database_unreachable", server: "db.studio.se:5432" });
    await userEvent.fill(address, "postgres://anna@db.studio.se/central");
    await expect.element(address).not.toHaveAttribute("aria-invalid");
    await userEvent.click(page.getByRole("button", { name: "Switch to the server" }));
    await expect.element(page.getByRole("heading", { name: "The database server doesn't answer" })).toBeVisible();
    await expect.element(page.getByText("no host")).not.toBeInTheDocument();
    // It may never be in use: above the page it is not said.
    expect(page.getByText("The database server doesn't answer").elements()).toHaveLength(1);
  });

  it("what is wrong with the server is told with the server's own words", async () => {
    const { history } = await open("/settings/workspaces", { language: "en" }, {
      database_set: () => {
        throw new CommandError({ code: "database_login_refused", server: "db.studio.se:5432", user: "anna", detail: 'password authentication failed for user "anna"' });
      },
    });
    await userEvent.fill(page.getByLabelText("Address of the server"), "postgres://anna@db.studio.se/central");
    await userEvent.fill(page.getByRole("region", { name: "Central database" }).getByLabelText("Password"), "hunter2");
    await userEvent.click(page.getByRole("button", { name: "Switch to the server" }));
    const said = page.getByRole("main").getByRole("alert");
    await expect.element(said.getByRole("heading", { name: "The database server doesn't let anna in" })).toBeVisible();
    await expect.element(said.getByText('password authentication failed for user "anna"')).toBeVisible();
    const address = page.getByLabelText("Address of the server");
    await expect.element(address).not.toHaveAttribute("aria-invalid");
    await expect.element(address).toHaveValue("postgres://anna@db.studio.se/central");
    await userEvent.click(page.getByRole("link", { name: "Blueprints" }));
    const asked = page.getByRole("dialog", { name: "Leave without saving?" });
    await expect.element(asked).toBeVisible();
    expect(history.location.pathname).toBe("/settings/workspaces");
    await userEvent.click(asked.getByRole("button", { name: "Discard" }));
    await expect.poll(() => history.location.pathname).toBe("/settings/blueprints");
  });
});

describe("blueprints", () => {
  it("each has its verdict, its customers and its faults", async () => {
    const { port } = await open("/settings/blueprints");
    const row = (name: string) => page.getByRole("listitem").filter({ has: page.getByRole("heading", { name, exact: true }) });
    await expect.element(row("factory").getByText("Inget fel")).toBeVisible();
    await expect.element(row("factory").getByText("används av 20 kunder", { exact: false })).toBeVisible();
    await expect.element(row("atelier").getByText("2 fel")).toBeVisible();
    await expect.element(row("atelier").getByText("schema/0002_rls.sql:14")).toBeVisible();
    await expect.element(row("atelier").getByText("används inte av någon kund", { exact: false })).toBeVisible();
    expect(port.callsOf("blueprint_check").map(({ name }) => name).sort()).toEqual(["agency", "atelier", "factory"]);
    await userEvent.click(row("factory").getByRole("button", { name: "Steg i factory" }));
    await expect.element(row("factory").getByText("Lägg in schema")).toBeVisible();
  });

  it("without the command line the list stays, and says what is missing", async () => {
    await open("/settings/blueprints", { language: "en" }, {
      blueprint_check: () => {
        throw new CommandError({ code: "program_missing", program: "fabrik" });
      },
    });
    await expect.element(page.getByRole("heading", { name: "factory", exact: true })).toBeVisible();
    await expect.poll(() => page.getByText("A part of Fabrik is missing").elements().length).toBe(3);
    await expect.poll(() => page.getByText("Not checked").elements().length).toBe(2);
  });

  it("says so while it looks", async () => {
    const answer = later<{ faults: []; checked_at: string }>();
    await open("/settings/blueprints", {}, { blueprint_check: () => answer.promise });
    await expect.poll(() => page.getByText("Kontrolleras…").elements().length).toBe(3);
    answer.settle({ faults: [], checked_at: "2026-11-21T12:54:00Z" });
    await expect.poll(() => page.getByText("Inget fel").elements().length).toBe(3);
  });
});

describe("diagnostics", () => {
  it("say what to do about a keyring once, whichever credentials it keeps from working", async () => {
    const wrong = { problem: { code: "keyring_missing" }, optional: false, waits: false } as const;
    const findings = [
      { ...wrong, subject: "keyring" as const, name: "keyring" },
      { ...wrong, subject: "credential" as const, name: "github" },
      { ...wrong, subject: "credential" as const, name: "vercel" },
    ];
    await open("/settings/about", {}, { doctor: () => ({ healthy: false, findings, copies: [] }) });
    await expect.poll(() => page.getByText("Datorn har ingen nyckelring").elements().length).toBe(3);
    expect(page.getByText("Installera en, till exempel gnome-keyring").elements().length).toBe(1);
  });

  it("call a vendor's limit no fault", async () => {
    const problem = { code: "throttled" as const, until: "2026-11-21T13:00:00Z", provider: "resend" as const };
    const findings = [{ subject: "credential" as const, name: "resend", problem, optional: false, waits: true }];
    await open("/settings/about", {}, { doctor: () => ({ healthy: false, findings, copies: [] }) });
    await expect.element(page.getByText("Inget är fel, men en leverantör ber Fabrik att vänta.")).toBeVisible();
    await expect.element(page.getByText("kräver åtgärd")).not.toBeInTheDocument();
  });

  it("begin with what is wrong, and that stands before the version", async () => {
    const findings = [
      { subject: "credential" as const, name: "github", optional: false, waits: false },
      { subject: "setting" as const, name: "domain.base", problem: { code: "setting_missing" as const, setting: "domain.base" }, optional: true, waits: false },
      { subject: "keyring" as const, name: "keyring", problem: { code: "keyring_missing" as const }, optional: false, waits: false },
    ];
    await open("/settings/about", {}, { doctor: () => ({ healthy: false, findings, copies: [] }) });
    const row = page.getByRole("listitem").filter({ hasText: "Datorn har ingen nyckelring" });
    await expect.element(row).toBeVisible();
    expect(row.element().previousElementSibling).toBeNull();
    const version = page.getByText("Version 0.1.0", { exact: true });
    await expect.element(version).toBeInTheDocument();
    expect(row.element().compareDocumentPosition(version.element()) & Node.DOCUMENT_POSITION_FOLLOWING).toBeTruthy();
  });

  it("call a setting by its name, and lead to where it is set", async () => {
    const findings = [{ subject: "setting" as const, name: "domain.base", problem: { code: "setting_missing" as const, setting: "domain.base" }, optional: true, waits: false }];
    const { history } = await open("/settings/about", {}, { doctor: () => ({ healthy: true, findings, copies: [] }) });
    await expect.element(page.getByText("Inställningen Basdomän saknas")).toBeVisible();
    await expect.element(page.getByText("domain.base")).not.toBeInTheDocument();
    await userEvent.click(page.getByRole("button", { name: "Öppna inställningen" }));
    await expect.poll(() => history.location.pathname).toBe("/settings/mail");
  });

  it("are shown before they are kept, and Rust keeps what it showed", async () => {
    const { port } = await open("/settings/about");
    await userEvent.click(page.getByRole("button", { name: "Diagnosfil…" }));
    const dialog = page.getByRole("dialog");
    await expect.element(dialog.getByRole("region", { name: "Diagnos" })).toHaveTextContent("run 213 provision factory failed");
    expect(port.callsOf("diagnostics_save")).toEqual([]);
    await userEvent.click(dialog.getByRole("button", { name: "Spara filen" }));
    // Nothing of the text goes back: the window can't change what is kept.
    await expect.poll(() => port.callsOf("diagnostics_save")).toEqual([{}]);
    await expect.element(page.getByText("fabrik-diagnostics-2026-11-21.txt sparades")).toBeVisible();
    await userEvent.click(page.getByRole("button", { name: "Visa i mappen" }));
    await expect.poll(() => port.callsOf("folder_open")).toEqual([{ folder: "downloads" }]);
  });

  it("that can't be kept say why, and stay to be copied", async () => {
    await open("/settings/about", { language: "en" }, {
      diagnostics_save: () => {
        throw new CommandError({ code: "file_unwritable", file: "/nowhere/x.txt", detail: "Permission denied" });
      },
    });
    await userEvent.click(page.getByRole("button", { name: "Diagnostics…" }));
    await userEvent.click(page.getByRole("dialog").getByRole("button", { name: "Save file" }));
    await expect.element(page.getByRole("alert").filter({ hasText: "The file could not be saved" })).toBeVisible();
    await expect.element(page.getByRole("dialog", { name: "Diagnostics to send" })).toBeInTheDocument();
  });
});

describe("the copies of the database", () => {
  const damaged = () => ({
    healthy: false,
    findings: [{ subject: "database" as const, name: "/home/anna/central.db", optional: false, waits: false, problem: { code: "database_damaged" as const } }],
    copies: [
      { day: "2026-11-21", bytes: 412_672 },
      { day: "2026-11-20", bytes: 409_600 },
    ],
  });

  it("are listed, and nothing is offered while the database is well", async () => {
    await open("/settings/about");
    await expect.element(page.getByText("2026-11-21")).toBeVisible();
    await expect.element(page.getByRole("button", { name: "Gå tillbaka" })).not.toBeInTheDocument();
  });

  it("are gone back to after a question that Enter alone doesn't answer", async () => {
    const { port } = await open("/settings/about", {}, { doctor: damaged });
    await userEvent.click(page.getByRole("listitem").filter({ hasText: "2026-11-20" }).getByRole("button", { name: "Gå tillbaka" }));
    const dialog = page.getByRole("dialog", { name: "Gå tillbaka till kopian från 2026-11-20?" });
    await expect.element(dialog).toBeVisible();
    await userEvent.keyboard("{Enter}");
    expect(port.callsOf("database_restore")).toEqual([]);
    await userEvent.click(page.getByRole("listitem").filter({ hasText: "2026-11-20" }).getByRole("button", { name: "Gå tillbaka" }));
    await userEvent.click(page.getByRole("dialog").getByRole("button", { name: "Gå tillbaka" }));
    await expect.poll(() => port.callsOf("database_restore")).toEqual([{ day: "2026-11-20" }]);
    await expect.element(page.getByText("central-20261121T125600Z.db", { exact: false })).toBeVisible();
  });

  it("are other records: no list that was left is shown while the new one is on its way", async () => {
    const { port, history } = await open("/customers", {}, { doctor: damaged });
    const known = page.getByText("Mälarstrand Konferens");
    await expect.element(known).toBeVisible();
    history.push("/settings/about");
    await userEvent.click(page.getByRole("listitem").filter({ hasText: "2026-11-20" }).getByRole("button", { name: "Gå tillbaka" }));
    port.answers.customers_list = () => later<never>().promise;
    await userEvent.click(page.getByRole("dialog").getByRole("button", { name: "Gå tillbaka" }));
    await expect.element(page.getByText("central-20261121T125600Z.db", { exact: false })).toBeVisible();
    history.push("/customers");
    await expect.element(page.getByRole("textbox", { name: "Filtrera kunder" })).toBeVisible();
    await expect.element(known).not.toBeInTheDocument();
  });

  it("that can't be put back say why, and the question stays", async () => {
    await open("/settings/about", { language: "en" }, {
      doctor: damaged,
      database_restore: () => {
        throw new CommandError({ code: "database_busy", detail: "2026-11-21" });
      },
    });
    await userEvent.click(page.getByRole("listitem").filter({ hasText: "2026-11-21" }).getByRole("button", { name: "Go back" }));
    await userEvent.click(page.getByRole("dialog").getByRole("button", { name: "Go back" }));
    await expect.element(page.getByRole("dialog").getByRole("alert")).toBeVisible();
  });
});

describe("the settings' tabs", () => {
  it("stay where they are while the page is scrolled", async () => {
    await open("/settings/providers");
    const tabs = page.getByRole("navigation", { name: "Inställningar" });
    await expect.element(page.getByRole("heading", { level: 2 }).first()).toBeVisible();
    const top = () => tabs.element().getBoundingClientRect().top;
    const before = top();
    const scroller = tabs.element().parentElement?.parentElement;
    // As long a page as any, whatever its settings are.
    tabs.element().parentElement?.style.setProperty("min-height", "3000px");
    scroller?.scrollTo(0, 800);
    await expect.poll(() => scroller?.scrollTop).toBe(800);
    expect(top()).toBe(before);
  });
});
