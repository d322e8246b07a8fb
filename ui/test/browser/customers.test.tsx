import { afterEach, describe, expect, it, vi } from "vitest";
import { page, userEvent } from "vitest/browser";

import type { CustomerQuery, Plan } from "@/backend/bindings";

import { ROWS_PER_PAGE } from "../../src/backend/queries";
import { createFormat } from "../../src/i18n/format";
import { refuse } from "../port";
import { agency } from "../records/blueprints";
import { customerDetail, customerRow, customers, manyCustomers } from "../records/customers";
import { planOf } from "../records/plans";
import { runOf } from "../records/runs";
import { removalPlan } from "../records/undo";
import { later, open } from "./open";

const currentRow = () => document.querySelector("tr[data-current]")?.textContent ?? "";
const rows = () => page.getByRole("table", { name: "Kunder" }).getByRole("row");

describe("the customer list", () => {
  it("is walked, opened and left by keyboard", async () => {
    const { history } = await open("/customers");
    await expect.element(page.getByText("Mälarstrand Konferens")).toBeVisible();
    await userEvent.keyboard("j");
    await expect.poll(currentRow).toContain("Åkermark");
    await userEvent.keyboard("{ArrowDown}j");
    await expect.poll(currentRow).toContain("Klockargården");
    await userEvent.keyboard("k");
    await expect.poll(currentRow).toContain("Nordanvind");
    await expect.element(page.getByRole("link", { name: "Nordanvind Byggkonsult" })).toHaveFocus();
    await userEvent.keyboard("{Enter}");
    await expect.poll(() => history.location.pathname).toBe("/customers/c1");
    await expect.element(page.getByRole("heading", { level: 1, name: "Nordanvind Byggkonsult" })).toBeVisible();
    await userEvent.keyboard("{Escape}");
    await expect.poll(() => history.location.pathname).toBe("/customers");
    await expect.element(page.getByRole("link", { name: "Nordanvind Byggkonsult" })).toHaveFocus();
    await userEvent.keyboard("j");
    await expect.poll(currentRow).toContain("Klockargården");
  });

  it("takes the focus of nobody who comes to it another way than back", async () => {
    await open("/customers");
    await expect.element(page.getByText("Mälarstrand Konferens")).toBeVisible();
    await userEvent.keyboard("jj");
    await expect.poll(currentRow).toContain("Nordanvind");
    const navigation = page.getByRole("navigation").first();
    await userEvent.click(navigation.getByRole("link", { name: /^Körningar/ }));
    await userEvent.click(navigation.getByRole("link", { name: /^Kunder/ }));
    await expect.poll(currentRow).toContain("Nordanvind");
    await expect.element(navigation.getByRole("link", { name: /^Kunder/ })).toHaveFocus();
  });

  it("opens a row's actions on the full stop", async () => {
    await open("/customers");
    await expect.element(page.getByText("Mälarstrand Konferens")).toBeVisible();
    await userEvent.keyboard("jj.");
    await expect.element(page.getByRole("menuitem", { name: "Provisionera" })).toBeVisible();
  });

  it("is filtered on the slash, and letters typed there are no shortcuts", async () => {
    const { history } = await open("/customers");
    await expect.element(page.getByText("Mälarstrand Konferens")).toBeVisible();
    await userEvent.keyboard("/");
    await expect.element(page.getByRole("textbox", { name: "Filtrera kunder" })).toHaveFocus();
    await userEvent.keyboard("njord");
    await expect.element(page.getByText("Ingen kund stämmer med filtret")).toBeVisible();
    await expect.poll(() => history.location.href).toContain("q=njord");
    expect(history.location.href).not.toContain("new");
    await userEvent.click(page.getByRole("button", { name: "Rensa filtret" }));
    await expect.poll(() => rows().elements().length).toBe(21);
    await expect.element(page.getByRole("textbox", { name: "Filtrera kunder" })).toHaveValue("");
  });

  it("has the words of its address in its filter, also on the way back", async () => {
    const { history } = await open("/customers?q=mälar");
    const filter = page.getByRole("textbox", { name: "Filtrera kunder" });
    await expect.element(filter).toHaveValue("mälar");
    history.push("/customers");
    await expect.element(filter).toHaveValue("");
    history.back();
    await expect.element(filter).toHaveValue("mälar");
    await expect.poll(() => rows().elements().length).toBe(2);
  });

  it("has its filter emptied, also after words that were gone before the page had followed them", async () => {
    await open("/customers");
    await expect.element(page.getByText("Mälarstrand Konferens")).toBeVisible();
    const filter = page.getByRole("textbox", { name: "Filtrera kunder" });
    const input = filter.element() as HTMLInputElement;
    const type = (words: string) => {
      Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value")?.set?.call(input, words);
      input.dispatchEvent(new Event("input", { bubbles: true }));
    };
    // Both go to the address with nothing drawn in between: the page is busy for as long as it takes the typing to rest.
    type("njord");
    const until = performance.now() + 100;
    while (performance.now() < until);
    type("");
    await userEvent.fill(filter, "njord");
    await expect.element(page.getByText("Ingen kund stämmer med filtret")).toBeVisible();
    await userEvent.click(page.getByRole("button", { name: "Rensa filtret" }));
    await expect.poll(() => rows().elements().length).toBe(21);
    await expect.element(filter).toHaveValue("");
  });

  it("keeps its filter at the Escape that gives up a word which is being composed", async () => {
    await open("/customers?q=mälar");
    const filter = page.getByRole("textbox", { name: "Filtrera kunder" });
    await expect.element(filter).toHaveValue("mälar");
    // WebKit says by the code alone that the key is the composing's.
    filter.element().dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true, cancelable: true, keyCode: 229 }));
    await expect.element(filter).toHaveValue("mälar");
    filter.element().dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true, cancelable: true }));
    await expect.element(filter).toHaveValue("");
  });

  it("shows the states' counts, and one state's rows with its address", async () => {
    const { history } = await open("/customers");
    await userEvent.click(page.getByRole("button", { name: "Kräver åtgärd 2" }));
    await expect.poll(() => rows().elements().length).toBe(3);
    expect(history.location.href).toContain("needs_you");
  });

  it("is sorted by a press on a head, and turned round by another", async () => {
    await open("/customers");
    const head = page.getByRole("button", { name: "Kund", exact: true });
    await userEvent.click(head);
    await expect.element(page.getByRole("columnheader", { name: "Kund" })).toHaveAttribute("aria-sort", "ascending");
    await expect.poll(() => rows().nth(1).element().textContent).toContain("Björkåsa");
    await userEvent.click(head);
    await expect.poll(() => rows().nth(1).element().textContent).toContain("Östkusten");
  });

  it("asks for another list in the event that asks for it, once", async () => {
    const { port } = await open("/customers");
    await expect.element(page.getByText("Mälarstrand Konferens")).toBeVisible();
    const asked = (of: (query: CustomerQuery) => boolean) => port.callsOf("customers_list").filter(({ query }) => of(query)).length;
    const isSearched = ({ search }: CustomerQuery) => search === "mälar";
    const isSorted = ({ search, sort }: CustomerQuery) => search === "mälar" && sort === "name";
    // As a letter and a click are heard, with nothing drawn in between.
    const filter = page.getByRole("textbox", { name: "Filtrera kunder" }).element() as HTMLInputElement;
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value")?.set?.call(filter, "mälar");
    filter.dispatchEvent(new Event("input", { bubbles: true }));
    expect(asked(isSearched)).toBe(1);
    await expect.poll(() => rows().elements().length).toBe(2);
    (page.getByRole("button", { name: "Kund", exact: true }).element() as HTMLElement).click();
    expect(asked(isSorted)).toBe(1);
    await expect.element(page.getByRole("columnheader", { name: "Kund" })).toHaveAttribute("aria-sort", "ascending");
    await expect.element(filter).toHaveValue("mälar");
    expect([asked(isSearched), asked(isSorted)]).toEqual([2, 1]);
  });

  it("draws and asks for only what is in view of ten thousand", async () => {
    const { port } = await open("/customers", { rows: manyCustomers(10_000) });
    await expect.element(page.getByText("Kund 00000")).toBeVisible();
    expect(rows().elements().length).toBeLessThan(80);
    await expect.element(page.getByRole("table", { name: "Kunder" })).toHaveAttribute("aria-rowcount", "10001");
    const asked = () => port.callsOf("customers_list").map(({ query }) => [query.offset, query.limit]);
    expect(asked()).toEqual([[0, ROWS_PER_PAGE]]);
    // The middle of the list: its rows are asked for, and none between.
    const scroller = document.querySelector("table")?.parentElement;
    scroller?.scrollTo({ top: 5000 * 36 });
    await expect.element(page.getByText("Kund 05000")).toBeVisible();
    expect(asked().every(([, limit]) => limit === ROWS_PER_PAGE)).toBe(true);
    expect(asked().length).toBeLessThan(6);
    // And the keyboard begins there.
    await userEvent.keyboard("j");
    await expect.poll(currentRow).toContain("Kund 05000");
  });

  it("shows skeletons where rows are not drawn yet, or on their way", async () => {
    const wait = later<never>();
    const all = manyCustomers(1000);
    await open("/customers", { rows: all }, {
      customers_list: ({ query }) =>
        query.offset === 0 ? { customers: all.slice(0, ROWS_PER_PAGE), total: 1000 } : wait.promise,
    });
    await expect.element(page.getByText("Kund 00000")).toBeVisible();
    const table = document.querySelector("table");
    const isSkeleton = (row: Element | null | undefined) => {
      const cells = [...(row?.children ?? [])].filter((cell) => getComputedStyle(cell).display !== "none");
      const width = cells.reduce((sum, cell) => sum + cell.getBoundingClientRect().width, 0);
      return Math.round(width) === table?.clientWidth && cells.every((cell) => getComputedStyle(cell).backgroundSize.includes("36px"));
    };
    await expect.poll(() => isSkeleton(table?.querySelector("tbody tr[aria-hidden]:last-child"))).toBe(true);
    table?.parentElement?.scrollTo({ top: 500 * 36 });
    await expect.poll(() => isSkeleton(table?.querySelector("tr[aria-busy]"))).toBe(true);
  });

  it("lets go of most rows that it has passed, and keeps those beside the view", async () => {
    const { port } = await open("/customers", { rows: manyCustomers(10_000) });
    await expect.element(page.getByText("Kund 00000")).toBeVisible();
    const scroller = document.querySelector("table")?.parentElement;
    const show = async (place: number) => {
      scroller?.scrollTo({ top: place * 36 });
      await expect.element(page.getByText(`Kund ${String(place).padStart(5, "0")}`)).toBeVisible();
    };
    // How often the page that holds a place was asked for.
    const asked = (place: number) => port.callsOf("customers_list").filter(({ query }) => query.offset === place - (place % ROWS_PER_PAGE)).length;
    for (let place = 250; place < 8_000; place += 500) await show(place);
    expect([asked(250), asked(7250), asked(7750)]).toEqual([1, 1, 1]);
    await show(7250);
    expect(asked(7250)).toBe(1);
    await show(250);
    expect(asked(250)).toBe(2);
  });

  it("begins at the top when it is sorted another way", async () => {
    await open("/customers", { rows: manyCustomers(1000) });
    await expect.element(page.getByText("Kund 00000")).toBeVisible();
    document.querySelector("table")?.parentElement?.scrollTo({ top: 9000 });
    await expect.element(page.getByText("Kund 00250")).toBeVisible();
    await userEvent.click(page.getByRole("button", { name: "Krediter" }));
    await expect.element(page.getByText("Kund 00000")).toBeVisible();
  });

  it("writes another list into the rows that stand there, but for the one that has the focus", async () => {
    await open("/customers", { rows: manyCustomers(1000) });
    await expect.element(page.getByText("Kund 00000")).toBeVisible();
    const drawn = () => [...document.querySelectorAll("tr[data-customer]")];
    const firstName = () => drawn()[0]?.querySelector("[data-row-link]")?.textContent;
    const turned = () => page.getByRole("button", { name: "Krediter" });
    await userEvent.click(turned());
    await expect.element(page.getByRole("columnheader", { name: "Krediter" })).toHaveAttribute("aria-sort", "ascending");
    const before = drawn();
    await userEvent.click(turned());
    await expect.poll(firstName).toBe("Kund 00999");
    expect(drawn().filter((row) => before.includes(row)).length).toBe(before.length);
    // The focus goes with its customer: what is pressed next is nobody else's.
    const focused = document.querySelector<HTMLElement>("tbody [data-row-link]");
    focused?.focus();
    (turned().element() as HTMLElement).click();
    await expect.poll(firstName).toBe("Kund 00000");
    expect(focused?.isConnected).toBe(false);
  });

  it("draws of another list the rows in view first, and those beside once these are painted", async () => {
    await open("/customers", { rows: manyCustomers(1000) });
    await expect.element(page.getByText("Kund 00000")).toBeVisible();
    const drawn = () => [...document.querySelectorAll<HTMLElement>("tr[data-customer]")].map((row) => row.dataset.customer);
    const [first, last] = [drawn()[0], drawn().at(-1)];
    const stages: (string | undefined)[][] = [];
    const watch = new MutationObserver(() => stages.push(drawn()));
    watch.observe(document.querySelector("table") ?? document, { subtree: true, childList: true, attributes: true });
    const sorted = page.getByRole("button", { name: "Kund", exact: true });
    await userEvent.click(sorted);
    await userEvent.click(sorted);
    await expect.poll(() => drawn()[0]).not.toBe(first);
    await expect.poll(() => drawn().at(-1)).not.toBe(last);
    watch.disconnect();
    expect(stages.some((rows) => rows[0] !== first && rows.at(-1) === last), "rows in view are new before those beside").toBe(true);
    for (const rows of stages) expect(new Set(rows).size).toBe(rows.length);
  });

  it("keeps a row to its customer while it is scrolled, and draws each place once", async () => {
    const { port } = await open("/customers", { rows: manyCustomers(1000) });
    await expect.element(page.getByText("Kund 00000")).toBeVisible();
    const filter = page.getByRole("textbox", { name: "Filtrera kunder" });
    // Lists that shrink and grow: more rows have been drawn by then than the first page has.
    for (const word of ["0090", "", "0080", "", "0070", ""]) {
      await userEvent.fill(filter, word);
      await expect.element(page.getByText(word === "" ? "Kund 00000" : `Kund ${word}0`)).toBeVisible();
    }
    const scroller = document.querySelector("table")?.parentElement;
    const answer = port.answers.customers_list;
    if (answer === undefined) throw new Error("no answer");
    const never = later<never>();
    port.answers.customers_list = (given) => (given.query.offset === 0 ? answer(given) : never.promise);
    const drawn = () => [...document.querySelectorAll<HTMLElement>("tr[data-customer]")];
    const written = new Map<Element, string | undefined>();
    for (let top = 1500; top < 6000; top += 300) {
      scroller?.scrollTo({ top });
      await new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted)));
      for (const row of drawn()) {
        expect(written.get(row) ?? row.dataset.customer).toBe(row.dataset.customer);
        written.set(row, row.dataset.customer);
      }
      const places = [...document.querySelectorAll("tbody tr[aria-rowindex]")].map((row) => row.getAttribute("aria-rowindex"));
      expect(new Set(places).size).toBe(places.length);
    }
    expect(document.querySelectorAll("tbody tr[aria-busy]").length).toBeGreaterThan(0);
  });

  it("is reached with Tab, also where the keyboard has not been yet", async () => {
    await open("/customers");
    await expect.element(page.getByText("Mälarstrand Konferens")).toBeVisible();
    const first = page.getByRole("link", { name: "Åkermark Juristbyrå" });
    page.getByRole("button", { name: "Uppdaterad" }).element().focus();
    await userEvent.keyboard("{Tab}");
    await expect.element(page.getByRole("checkbox", { name: "Välj Åkermark Juristbyrå" })).toHaveFocus();
    await userEvent.keyboard("{Tab}");
    await expect.element(first).toHaveFocus();
    // And only one of the rows is.
    expect(document.querySelectorAll("tbody [data-row-link][tabindex='0']")).toHaveLength(1);
  });

  it("is not called empty for what another list has not", async () => {
    const { port } = await open("/customers?q=ingen");
    await expect.element(page.getByText("Ingen kund stämmer med filtret")).toBeVisible();
    port.answers.customers_list = () => later<never>().promise;
    await userEvent.click(page.getByRole("button", { name: "Rensa filtret" }));
    await expect.element(page.getByRole("textbox", { name: "Filtrera kunder" })).toHaveValue("");
    expect(port.callsOf("customers_list").at(-1)?.query.search).toBe(undefined);
    await expect.element(page.getByText("Ingen kund stämmer med filtret")).toBeVisible();
  });

  it("says what is missing where there is no customer", async () => {
    await open("/customers", { rows: [] });
    await expect.element(page.getByText("Inga kunder än")).toBeVisible();
  });

  it("shows no rows of another tab while the connection is lost", async () => {
    const { port } = await open("/customers");
    await expect.element(page.getByText("Mälarstrand Konferens")).toBeVisible();
    port.connection(false);
    port.answers.customers_list = () => new Promise(() => undefined);
    await userEvent.click(page.getByRole("group", { name: "Status" }).getByRole("button", { name: /Pausad/ }));
    await expect.element(page.getByText("Sidan visas när förbindelsen är tillbaka.")).toBeVisible();
    expect(page.getByText("Mälarstrand Konferens").elements()).toEqual([]);
  });

  it("keeps its rows when the connection is lost, and says so", async () => {
    const { port } = await open("/customers");
    await expect.element(page.getByText("Mälarstrand Konferens")).toBeVisible();
    port.connection(false);
    await expect.element(page.getByText(/går inte att nå/)).toBeVisible();
    await expect.element(page.getByText("Mälarstrand Konferens")).toBeVisible();
    port.connection(true);
    await expect.element(page.getByText(/går inte att nå/)).not.toBeInTheDocument();
  });
});

describe("provisioning from the list", () => {
  it("starts in one press and shows the run", async () => {
    const { port, history } = await open("/customers");
    await userEvent.click(page.getByRole("button", { name: "Provisionera Nordanvind Byggkonsult" }));
    await expect.poll(() => history.location.pathname).toBe("/runs/run-c1");
    expect(port.callsOf("provision")).toEqual([{ customer: "c1", on_failure: "rollback" }]);
  });

  it("keeps what exists where the owner chose so, and remembers the choice", async () => {
    const { port, screen } = await open("/customers");
    await userEvent.click(page.getByRole("combobox", { name: "Om något går fel" }));
    await userEvent.click(page.getByRole("option", { name: "behåll det som finns" }));
    await userEvent.click(page.getByRole("button", { name: "Provisionera Nordanvind Byggkonsult" }));
    await expect.poll(() => port.callsOf("provision")).toEqual([{ customer: "c1", on_failure: "keep" }]);
    const kept = localStorage.getItem("fabrik.onFailure");
    await screen.unmount();
    const again = await open("/customers/c1", {}, {}, { "fabrik.onFailure": kept ?? "" });
    await expect.element(page.getByRole("combobox", { name: "Om något går fel" })).toHaveTextContent("behåll det som finns");
    await userEvent.click(page.getByRole("button", { name: "Provisionera" }));
    await expect.poll(() => again.port.callsOf("provision")).toEqual([{ customer: "c1", on_failure: "keep" }]);
  });

  it("shows in its row how far a run has come, and that one takes away", async () => {
    const [one, other] = [customers[0]!, customers[4]!];
    const going = { ...other, state: "setting_up" as const, progress: undefined, last_run: { ...runOf({ customer: other.id, state: "undoing" }), purpose: "deprovision" as const } };
    await open("/customers", { rows: [one, going] });
    await expect.element(rows().nth(1).getByText("3 av 12")).toBeVisible();
    await expect.element(rows().nth(1).getByText("Sätts upp", { exact: true })).toBeInTheDocument();
    await expect.element(rows().nth(2).getByText("Tas bort", { exact: true })).toBeInTheDocument();
  });

  it("tells everything that is in the way at once, each with its next step, and starts nothing", async () => {
    const { port, history } = await open("/customers", {}, {
      plan: () => ({
        customer: manyCustomers(1)[0]!,
        can_run: false,
        steps: [],
        missing: [
          { code: "credential_missing", provider: "github" },
          { code: "region_not_offered", region: "af-south-1", offered: ["eu-north-1", "eu-west-1"], provider: "supabase" },
        ],
        expected_seconds: 100,
      }),
    });
    await userEvent.click(page.getByRole("button", { name: "Provisionera Nordanvind Byggkonsult" }));
    const dialog = page.getByRole("dialog", { name: "Nordanvind Byggkonsult kan inte provisioneras än" });
    await expect.element(dialog.getByText("Nyckeln för GitHub saknas")).toBeVisible();
    await expect.element(dialog.getByText("Välj en av: eu-north-1, eu-west-1.")).toBeVisible();
    expect(port.callsOf("provision")).toEqual([]);
    await userEvent.click(dialog.getByRole("button", { name: "Öppna nycklar" }));
    await expect.poll(() => history.location.pathname).toBe("/settings/credentials");
  });

  it.each([
    ["sv", "Provisionera Nordanvind Byggkonsult", "En körning för Nordanvind Byggkonsult pågår redan", "En sak är i vägen. Ingen ny körning har startats."],
    ["en", "Provision Nordanvind Byggkonsult", "A run for Nordanvind Byggkonsult is already under way", "1 thing is in the way. No new run was started."],
  ] as const)("says of a customer whose run goes on that it does, and not that nothing was made, in %s", async (language, button, title, text) => {
    await open("/customers", { language }, { provision: () => refuse({ code: "run_active", run: "run-c1" }) });
    await userEvent.click(page.getByRole("button", { name: button }));
    await expect.element(page.getByRole("dialog", { name: title }).getByText(text, { exact: true })).toBeVisible();
  });
});

describe("choosing many", () => {
  const box = (name: string) => page.getByRole("checkbox", { name: `Välj ${name}` });
  const bar = () => page.getByRole("toolbar", { name: "Åtgärder för valda kunder" });
  afterEach(() => page.viewport(1440, 900));

  it("by box, by a range with Shift, and all; Escape lets go before it clears the filter", async () => {
    const { history } = await open("/customers");
    await userEvent.click(box("Nordanvind Byggkonsult"));
    await expect.element(bar().getByText("1 vald")).toBeVisible();
    await userEvent.keyboard("{Shift>}");
    await userEvent.click(box("Kvarnbyns Tandvård"));
    await userEvent.keyboard("{/Shift}");
    await expect.element(bar().getByText("5 valda")).toBeVisible();
    await expect.element(box("Sjövik Camping & Stugor")).toBeChecked();
    await userEvent.click(box("Sjövik Camping & Stugor"));
    await expect.element(bar().getByText("4 valda")).toBeVisible();
    await userEvent.click(page.getByRole("checkbox", { name: "Välj alla" }));
    await expect.element(bar().getByText("20 valda")).toBeVisible();
    await userEvent.click(page.getByRole("button", { name: "Kräver åtgärd 2" }));
    await expect.poll(() => history.location.href).toContain("needs_you");
    (document.activeElement as HTMLElement).blur();
    await userEvent.keyboard("{Escape}");
    await expect.element(bar()).not.toBeInTheDocument();
    expect(history.location.href).toContain("needs_you");
  });

  it("says that all are chosen only of those in the list, whoever was chosen in another", async () => {
    await open("/customers");
    for (const name of ["Nordanvind Byggkonsult", "Kvarnbyns Tandvård", "Tonika Musikskola"]) await userEvent.click(box(name));
    const all = page.getByRole("checkbox", { name: "Välj alla" });
    await userEvent.click(page.getByRole("button", { name: "Kräver åtgärd 2" }));
    await expect.poll(() => rows().elements().length).toBe(3);
    await expect.element(all).toHaveAttribute("aria-checked", "mixed");
    await userEvent.click(all);
    await expect.element(bar().getByText("5 valda")).toBeVisible();
    await expect.element(all).toHaveAttribute("aria-checked", "true");
  });

  it("by keyboard: one at a time, and downwards with Shift", async () => {
    await open("/customers");
    await expect.element(page.getByText("Mälarstrand Konferens")).toBeVisible();
    await userEvent.keyboard("jjx");
    await expect.element(box("Nordanvind Byggkonsult")).toBeChecked();
    await userEvent.keyboard("{Shift>}{ArrowDown}{ArrowDown}{/Shift}");
    await expect.element(bar().getByText("3 valda")).toBeVisible();
    await userEvent.keyboard("x");
    await expect.element(bar().getByText("2 valda")).toBeVisible();
    await userEvent.keyboard("{Shift>}{Tab}{/Shift}");
    await expect.element(box("Sjövik Camping & Stugor")).toHaveFocus();
    await userEvent.keyboard(" ");
    await expect.element(bar().getByText("3 valda")).toBeVisible();
  });

  it("a range also of rows that were never in view", async () => {
    const { port } = await open("/customers", { rows: manyCustomers(1000) });
    await userEvent.click(box("Kund 00002"));
    // As a wheel that goes on: the row that was ticked may be brought into view meanwhile.
    await expect
      .poll(() => {
        document.querySelector("table")?.parentElement?.scrollTo({ top: 400 * 36 });
        return box("Kund 00405").query();
      })
      .not.toBeNull();
    await userEvent.keyboard("{Shift>}");
    await userEvent.click(box("Kund 00405"));
    await userEvent.keyboard("{/Shift}");
    await expect.element(bar().getByText("404 valda")).toBeVisible();
    expect(port.callsOf("customers_list").every(({ query }) => query.limit === ROWS_PER_PAGE)).toBe(true);
    await userEvent.click(page.getByRole("checkbox", { name: "Välj alla" }));
    await expect.element(bar().getByText("Högst 500 åt gången")).toBeVisible();
  });

  it("no range from where another order has put somebody else", async () => {
    await open("/customers");
    await userEvent.click(box("Nordanvind Byggkonsult"));
    await userEvent.click(page.getByRole("button", { name: "Kund", exact: true }));
    await expect.element(page.getByRole("columnheader", { name: "Kund" })).toHaveAttribute("aria-sort", "ascending");
    await userEvent.keyboard("{Shift>}");
    await userEvent.click(box("Åkermark Juristbyrå"));
    await userEvent.keyboard("{/Shift}");
    await expect.element(bar().getByText("2 valda")).toBeVisible();
  });

  it("says why not all could be", async () => {
    const many = manyCustomers(1000);
    await open("/customers", {}, {
      customers_list: ({ query: { offset, limit } }) =>
        offset >= 300
          ? refuse({ code: "database_busy" })
          : { customers: many.slice(offset, offset + limit), total: many.length },
    });
    await userEvent.click(page.getByRole("checkbox", { name: "Välj alla" }));
    await expect.element(page.getByText("Databasen är upptagen").first()).toBeVisible();
    await expect.element(bar()).not.toBeInTheDocument();
  });

  it("provisions those that can run after a summary that says which can't, and why", async () => {
    const missing = { code: "name_taken", name: "client-klockargarden", provider: "github" } as const;
    const { port } = await open("/customers", {}, {
      plan: ({ customer }) => ({
        customer: customers.find(({ id }) => id === customer)!,
        can_run: customer !== "c2",
        steps: [],
        missing: customer === "c2" ? [missing] : [],
        expected_seconds: customer === "c1" ? 100 : 60,
        monthly_price: { amount: "25.00", currency: "SEK", as_of: "2026-11-01" },
      }),
    });
    for (const name of ["Åkermark Juristbyrå", "Nordanvind Byggkonsult", "Klockargårdens Bageri", "Mälarstrand Konferens"]) await userEvent.click(box(name));
    await userEvent.click(bar().getByRole("button", { name: "Provisionera 4" }));
    const dialog = page.getByRole("dialog", { name: "Provisionera 4 kunder?" });
    await expect.element(dialog.getByText("2 kan köras nu, 2 kan inte.")).toBeVisible();
    await expect.element(dialog.getByText(/Det tar minst 1 min 40 s/)).toBeVisible();
    await expect.element(dialog.getByText(/^GitHubs gränser tillåter 250 i timmen: klart omkring kl. \d\d:40\.$/)).toBeVisible();
    expect(port.callsOf("allowance")).toEqual([{ customers: ["c1", "c4"] }]);
    await expect.element(dialog.getByText(/50,00/)).toBeVisible();
    const able = dialog.getByRole("list", { name: "Kan köras", exact: true });
    await expect.element(able).toHaveTextContent("Nordanvind ByggkonsultMälarstrand Konferens");
    const cant = dialog.getByRole("list", { name: "Kan inte köras" });
    await expect.element(cant.getByText("client-klockargarden finns redan och är inte vårt")).toBeVisible();
    // Åkermark has a run under way: its plan was not even asked for.
    await expect.element(cant.getByText("Kunden har redan en körning som pågår")).toBeVisible();
    expect(port.callsOf("plan").map(({ customer }) => customer).sort()).toEqual(["c1", "c2", "c4"]);
    expect(port.callsOf("provision_many")).toEqual([]);
    // Mälarstrand has an instance, which a rollback could not put back: each goes by its own.
    await expect.element(dialog.getByText("1 har redan en instans: om körningen misslyckas behålls det som finns.")).toBeVisible();
    await userEvent.click(dialog.getByRole("button", { name: "Provisionera 2" }));
    await expect.poll(() => port.callsOf("provision_many")).toEqual([{ customers: ["c1", "c4"], on_failure: null }]);
    await expect.element(page.getByText("2 körningar startade")).toBeVisible();
    await expect.element(dialog).not.toBeInTheDocument();
    await expect.element(bar()).not.toBeInTheDocument();
  });

  it.each([1440, 1024])("says what would help those that can't, for every reader, on a line in a window of %i", async (width) => {
    await page.viewport(width, 640);
    await open("/customers");
    await userEvent.click(box("Åkermark Juristbyrå"));
    await userEvent.click(bar().getByRole("button", { name: "Provisionera 1" }));
    const hint = page.getByRole("list", { name: "Kan inte köras" }).getByText("Visa den, eller vänta tills den är klar.");
    await expect.element(hint).toBeVisible();
    const lines = () => hint.element().getBoundingClientRect().height / Number.parseFloat(getComputedStyle(hint.element()).lineHeight);
    await expect.poll(lines).toBe(1);
    // A longer list is scrolled by key.
    const dialog = page.getByRole("dialog", { name: "Provisionera 1 kund?" });
    await expect.element(dialog.getByRole("region", { name: "Provisionera 1 kund?" })).toHaveAttribute("tabindex", "0");
  });

  it("goes by what is chosen if something fails", async () => {
    const { port } = await open("/customers");
    await userEvent.click(box("Nordanvind Byggkonsult"));
    await userEvent.click(bar().getByRole("button", { name: "Provisionera 1" }));
    const dialog = page.getByRole("dialog");
    const choice = dialog.getByRole("combobox", { name: "Om något går fel" });
    await expect.element(dialog.getByText("1 kan köras nu.")).toBeVisible();
    await expect.element(choice).toHaveTextContent("ångra allt");
    await userEvent.click(choice);
    await userEvent.click(page.getByRole("option", { name: "behåll det som finns" }));
    await userEvent.click(dialog.getByRole("button", { name: "Provisionera 1" }));
    await expect.poll(() => port.callsOf("provision_many")).toEqual([{ customers: ["c1"], on_failure: "keep" }]);
  });

  it("takes back what first runs have made, if that is chosen", async () => {
    const { port } = await open("/customers");
    await userEvent.click(box("Nordanvind Byggkonsult"));
    await userEvent.click(bar().getByRole("button", { name: "Provisionera 1" }));
    const dialog = page.getByRole("dialog");
    await expect.element(dialog.getByText("1 kan köras nu.")).toBeVisible();
    await userEvent.click(dialog.getByRole("button", { name: "Provisionera 1" }));
    await expect.poll(() => port.callsOf("provision_many")).toEqual([{ customers: ["c1"], on_failure: "rollback" }]);
  });

  it("offers no choice to take back where all have instances, which are kept", async () => {
    const { port } = await open("/customers");
    await userEvent.click(box("Mälarstrand Konferens"));
    await userEvent.click(bar().getByRole("button", { name: "Provisionera 1" }));
    const dialog = page.getByRole("dialog");
    await expect.element(dialog.getByText("1 har redan en instans: om körningen misslyckas behålls det som finns.")).toBeVisible();
    await expect.element(dialog.getByRole("combobox", { name: "Om något går fel" })).not.toBeInTheDocument();
    await userEvent.click(dialog.getByRole("button", { name: "Provisionera 1" }));
    await expect.poll(() => port.callsOf("provision_many")).toEqual([{ customers: ["c4"], on_failure: null }]);
  });

  it("looks at each anew: a run that has ended since is in nobody's way", async () => {
    const row = customers.find(({ name }) => name === "Åkermark Juristbyrå")!;
    const { port } = await open("/customers");
    await userEvent.click(box(row.name));
    port.answers.customer_get = () => customerDetail({ ...row, last_run: { ...row.last_run!, state: "succeeded" } });
    await userEvent.click(bar().getByRole("button", { name: "Provisionera 1" }));
    await expect.element(page.getByRole("list", { name: "Kan köras", exact: true })).toHaveTextContent(row.name);
  });

  it("names those that will run, also whom the filter hides by now, and counts the rest", async () => {
    await open("/customers", { rows: manyCustomers(30) });
    await userEvent.click(page.getByRole("checkbox", { name: "Välj alla" }));
    await expect.element(bar().getByText("30 valda")).toBeVisible();
    await userEvent.keyboard("/00029");
    await expect.poll(() => rows().elements().length).toBe(2);
    await userEvent.click(bar().getByRole("button", { name: "Provisionera 30" }));
    const able = page.getByRole("dialog").getByRole("list", { name: "Kan köras", exact: true });
    await expect.element(able.getByText("och 10 till")).toBeVisible();
    expect(able.getByRole("listitem").elements().length).toBe(21);
  });

  it("tells of those that didn't begin after all", async () => {
    await open("/customers", {}, {
      provision_many: ({ customers: chosen }) => ({
        begun: [],
        refused: chosen.map((customer) => ({ customer, problem: { code: "quota_exceeded", quota: "projects", provider: "supabase" } as const })),
      }),
    });
    await userEvent.click(box("Nordanvind Byggkonsult"));
    await userEvent.click(bar().getByRole("button", { name: "Provisionera 1" }));
    const dialog = page.getByRole("dialog");
    await userEvent.click(dialog.getByRole("button", { name: "Provisionera 1" }));
    const refused = dialog.getByRole("list", { name: "Startade inte" });
    await expect.element(refused.getByText("Nordanvind Byggkonsult")).toBeVisible();
    await expect.element(refused.getByText("Kvoten projects är slut")).toBeVisible();
    await expect.element(page.getByText(/körning startade/)).not.toBeInTheDocument();
  });
});

describe("a customer's page", () => {
  it("has its place and its neighbours by a query of its own, without the list", async () => {
    const { port, history } = await open("/customers/c4", { rows: manyCustomers(10_000) });
    await expect.element(page.getByText("5 av 10 000")).toBeVisible();
    await userEvent.click(page.getByRole("button", { name: "Nästa kund" }));
    await expect.poll(() => history.location.pathname).toBe("/customers/c5");
    await expect.element(page.getByText("6 av 10 000")).toBeVisible();
    await userEvent.keyboard("kk");
    await expect.poll(() => history.location.pathname).toBe("/customers/c3");
    expect(port.callsOf("customers_list")).toEqual([]);
  });

  it("leaves the arrows to its facts while they have the focus: they are scrolled by them", async () => {
    const { history } = await open("/customers/c4");
    await expect.element(page.getByText("5 av 20")).toBeVisible();
    const isTakenAt = (target: Element) => {
      const press = new KeyboardEvent("keydown", { key: "ArrowDown", bubbles: true, cancelable: true });
      target.dispatchEvent(press);
      return press.defaultPrevented;
    };
    const facts = page.getByRole("complementary", { name: "Fakta" }).element();
    expect(isTakenAt(facts)).toBe(false);
    expect(history.location.pathname).toBe("/customers/c4");
    expect(isTakenAt(document.body)).toBe(true);
    await expect.poll(() => history.location.pathname).toBe("/customers/c5");
  });

  it("leads back to the list as one left it, and to its customers alone", async () => {
    const { port, history } = await open("/customers");
    await userEvent.click(page.getByRole("button", { name: "Kräver åtgärd 2" }));
    await expect.poll(() => rows().elements().length).toBe(3);
    await userEvent.click(page.getByRole("link", { name: "Fjällfrakt Logistik" }));
    await expect.element(page.getByRole("heading", { level: 1, name: "Fjällfrakt Logistik" })).toBeVisible();
    expect(port.callsOf("customer_neighbours").at(-1)?.query.state).toBe("needs_you");
    const crumb = page.getByRole("main").getByRole("link", { name: "Kunder", exact: true });
    expect(crumb.element().getAttribute("href")).toContain("state=needs_you");
    await userEvent.keyboard("{Escape}");
    await expect.poll(() => history.location.href).toContain("state=needs_you");
    await expect.poll(() => rows().elements().length).toBe(3);
  });

  it("has its neighbours among all where the list as one left it has not this one", async () => {
    const { port, history } = await open("/customers?state=needs_you", {}, {
      customer_neighbours: ({ query }) => (query.state === undefined ? { place: 5, total: 20, previous: "c3", next: "c5" } : { total: 2 }),
    });
    await expect.poll(() => rows().elements().length).toBe(3);
    history.push("/customers/c4");
    await expect.element(page.getByText("5 av 20")).toBeVisible();
    expect(port.callsOf("customer_neighbours").map(({ query }) => query.state)).toEqual(["needs_you", undefined]);
    await userEvent.keyboard("j");
    await expect.poll(() => history.location.pathname).toBe("/customers/c5");
  });

  it("leads back to where one was in the list", async () => {
    await open("/customers", { rows: manyCustomers(1000) });
    await expect.element(page.getByText("Kund 00000")).toBeVisible();
    document.querySelector("table")?.parentElement?.scrollTo({ top: 9000 });
    await userEvent.click(page.getByRole("link", { name: "Kund 00252", exact: true }));
    await expect.element(page.getByRole("heading", { level: 1, name: "Kund 00252" })).toBeVisible();
    await userEvent.keyboard("{Escape}");
    await expect.element(page.getByRole("link", { name: "Kund 00252", exact: true })).toBeVisible();
    await expect.poll(() => document.querySelector("table")?.parentElement?.scrollTop).toBe(9000);
    // The keyboard goes on from there, too.
    await userEvent.keyboard("j");
    await expect.poll(currentRow).toContain("Kund 00253");
  });

  it("leads to all of its runs, and says that more has happened than is shown", async () => {
    const row = customers[4]!;
    const { history } = await open("/customers/c4", {}, {
      customer_get: () => ({
        ...customerDetail(row),
        runs: Array.from({ length: 6 }, (_, place) => ({ ...runOf({ customer: row.id, state: "succeeded" }), id: `run-${place}`, number: 200 - place })),
        activity: Array.from({ length: 50 }, (_, place) => ({ at: new Date(Date.UTC(2026, 10, 20, 12, place)).toISOString(), operator: "Klara Wiberg", action: "customer.edited", facts: {} })),
      }),
    });
    await expect.element(page.getByText("De 50 senaste visas.")).toBeVisible();
    await userEvent.click(page.getByRole("link", { name: "Alla kundens körningar" }));
    await expect.poll(() => history.location.pathname).toBe("/runs");
    await expect.element(page.getByRole("textbox", { name: "Filtrera körningar" })).toHaveValue("Mälarstrand Konferens");
  });

  it("an edit by hand leads to the field that is refused", async () => {
    await open("/customers/c1", {}, { customer_edit: () => refuse({ code: "link_invalid", field: "github_repo_url", link: "x" }) });
    await userEvent.click(page.getByRole("button", { name: "Redigera för hand" }));
    const dialog = page.getByRole("dialog");
    await userEvent.fill(dialog.getByLabelText("URL till GitHub-repot"), "x");
    await userEvent.click(dialog.getByRole("button", { name: "Spara" }));
    await expect.element(dialog.getByLabelText("URL till GitHub-repot")).toHaveFocus();
  });

  it("tells of a date its day and its week", async () => {
    await open("/customers/c4");
    await expect.element(page.getByText("2026-03-04")).toHaveAttribute("title", "onsdag 2026-03-04, vecka 10");
  });

  it("is whole where the neighbours can't be had", async () => {
    const { CommandError } = await import("@/backend/errors");
    await open("/customers/c4", {}, {
      customer_neighbours: () => {
        throw new CommandError({ code: "internal" });
      },
    });
    await expect.element(page.getByRole("heading", { level: 1, name: "Mälarstrand Konferens" })).toBeVisible();
    await expect.element(page.getByRole("button", { name: "Nästa kund" })).not.toBeInTheDocument();
  });

  it("an edit by hand sends what the owner changed, not what a run wrote meanwhile", async () => {
    let row = { ...customers[1]! };
    const { port } = await open("/customers/c1", {}, {
      customer_get: () => customerDetail(row),
      customer_edit: () => row,
    });
    await userEvent.click(page.getByRole("button", { name: "Redigera för hand" }));
    const dialog = page.getByRole("dialog");
    await expect.element(dialog.getByLabelText("Produktions-URL")).toHaveValue("");
    row = { ...row, production_url: "https://nordanvind.norrform.example", supabase_project_ref: "mvqkzrtyhbnwplxodcea", status: "active" };
    port.hint("customers", "c1");
    await expect.poll(() => port.callsOf("customer_get").length).toBeGreaterThan(1);
    await expect.element(page.getByText("mvqkzrtyhbnwplxodcea").first()).toBeInTheDocument();
    await userEvent.fill(dialog.getByLabelText("URL till GitHub-repot"), "https://github.com/norrform/nordanvind");
    await userEvent.click(dialog.getByRole("button", { name: "Spara" }));
    await expect.poll(() => port.callsOf("customer_edit")).toEqual([
      { customer: "c1", patch: { github_repo_url: "https://github.com/norrform/nordanvind" } },
    ]);
  });

  it("an edit by hand is sent by Ctrl Enter, once", async () => {
    const { port } = await open("/customers/c1", {}, { customer_edit: () => customers[1]! });
    await userEvent.click(page.getByRole("button", { name: "Redigera för hand" }));
    await userEvent.fill(page.getByRole("dialog").getByLabelText("URL till GitHub-repot"), "https://github.com/norrform/nordanvind");
    await userEvent.keyboard("{Control>}{Enter}{/Control}");
    await expect.element(page.getByRole("dialog")).not.toBeInTheDocument();
    expect(port.callsOf("customer_edit")).toEqual([{ customer: "c1", patch: { github_repo_url: "https://github.com/norrform/nordanvind" } }]);
  });

  it("an edit of the customer too", async () => {
    let row = { ...customers[1]! };
    const { port } = await open("/customers/c1", {}, { customer_get: () => customerDetail(row), customer_edit: () => row });
    await userEvent.click(page.getByRole("button", { name: /Åtgärder/ }));
    await userEvent.click(page.getByRole("menuitem", { name: "Redigera kunden" }));
    const dialog = page.getByRole("dialog");
    await userEvent.fill(dialog.getByLabelText(/Kontaktens namn/), "Eva Berg");
    row = { ...row, plan: "professional" };
    port.hint("customers", "c1");
    await expect.poll(() => port.callsOf("customer_get").length).toBeGreaterThan(1);
    await expect.poll(() => document.querySelector("aside[aria-label=Fakta]")?.textContent).toContain("Professional");
    await userEvent.click(dialog.getByRole("button", { name: /Spara/ }));
    await expect.poll(() => port.callsOf("customer_edit")).toEqual([{ customer: "c1", patch: { contact_name: "Eva Berg" } }]);
  });

  it("credits and the external id are changed with the customer; a refusal is told at its field", async () => {
    const { port } = await open("/customers/c4", {}, {
      customer_edit: ({ patch }) =>
        patch.external_id === "AC-1" ? refuse({ code: "external_id_taken", external_id: "AC-1", customer: "Tonika Musikskola" }) : customers[4]!,
    });
    await userEvent.click(page.getByRole("button", { name: /Åtgärder/ }));
    await userEvent.click(page.getByRole("menuitem", { name: "Redigera kunden" }));
    const dialog = page.getByRole("dialog");
    const credits = dialog.getByRole("textbox", { name: "Krediter" });
    const externalId = dialog.getByRole("textbox", { name: /Externt id/ });
    await expect.element(credits).toHaveValue("2310");
    await userEvent.fill(credits, "många");
    await userEvent.click(dialog.getByRole("button", { name: /Spara/ }));
    await expect.element(dialog.getByText("Skriv ett heltal.")).toBeVisible();
    await expect.element(credits).toHaveFocus();
    expect(port.callsOf("customer_edit")).toEqual([]);
    await userEvent.fill(credits, "2 500");
    await userEvent.fill(externalId, "AC-1");
    await userEvent.click(dialog.getByRole("button", { name: /Spara/ }));
    await expect.element(externalId).toHaveAccessibleDescription(/Tonika Musikskola har redan AC-1/);
    await userEvent.fill(externalId, "AC-7");
    await userEvent.click(dialog.getByRole("button", { name: /Spara/ }));
    await expect.poll(() => port.callsOf("customer_edit").at(-1)).toEqual({ customer: "c4", patch: { credits: 2500, external_id: "AC-7" } });
  });

  it("shows a domain that waits: its records to copy, since when, and another look", async () => {
    const copied: string[] = [];
    vi.spyOn(navigator.clipboard, "writeText").mockImplementation(async (text) => void copied.push(text));
    const { port } = await open("/customers/c19");
    const domain = page.getByRole("article", { name: "www.gullmarensbatvarv.se" });
    await expect.element(domain.getByText(/Väntar sedan/)).toBeVisible();
    await expect.element(domain.getByText("cname.vercel-dns.com")).toBeVisible();
    await userEvent.click(domain.getByRole("button", { name: "Kopiera cname.vercel-dns.com" }));
    expect(copied).toEqual(["cname.vercel-dns.com"]);
    await userEvent.click(domain.getByRole("button", { name: "Kopiera alla" }));
    expect(copied[1]).toContain("www.gullmarensbatvarv.se\tCNAME\tcname.vercel-dns.com\n_vercel.");
    await userEvent.click(domain.getByRole("button", { name: "Kontrollera igen" }));
    await expect.poll(() => port.callsOf("domains_check")).toEqual([{ customer: "c19" }]);
    await expect.element(page.getByText("Posterna syns inte än")).toBeVisible();
    port.answers.domains_check = () => [{ customer: "c19", customer_name: "Gullmarens Båtvarv", domain: "www.gullmarensbatvarv.se", verified: true }];
    await userEvent.click(domain.getByRole("button", { name: "Kontrollera igen" }));
    await expect.element(page.getByText("Kopplad: www.gullmarensbatvarv.se")).toBeVisible();
    vi.restoreAllMocks();
  });

  it.each([
    ["sv", "https://gullmaren.vercel.app", "Lägg in posterna där domänens DNS finns. Instansen fungerar under tiden på sin andra adress."],
    ["en", "https://gullmaren.vercel.app", "Add these records where the domain's DNS is kept. Until then, the instance works at its other address."],
    ["sv", "https://www.gullmarensbatvarv.se", "Lägg in posterna där domänens DNS finns. Domänen är instansens adress: kunden når den först när posterna syns."],
    ["en", "https://www.gullmarensbatvarv.se", "Add these records where the domain's DNS is kept. The domain is the instance's address: the customer can't reach it until the records are seen."],
    ["sv", undefined, "Lägg in posterna där domänens DNS finns."],
  ] as const)("says what a domain that waits means for the instance: in %s at %s", async (language, production_url, said) => {
    const detail = customerDetail(customers[19]!);
    await open("/customers/c19", { language }, { customer_get: () => ({ ...detail, row: { ...detail.row, production_url } }) });
    const domain = page.getByRole("article", { name: "www.gullmarensbatvarv.se" });
    await expect.element(domain.getByText(said, { exact: true })).toBeVisible();
  });

  it("wait by the same shape and word in the list and on the card, and are no trouble", async () => {
    const row = { ...customers[19]!, stack: [{ provider: "vercel" as const, state: "deferred" as const }] };
    const detail = customerDetail(row);
    const cards = detail.cards.map((card) => (card.provider === "vercel" ? { ...card, state: "deferred" as const } : card));
    await open("/customers", { rows: [row] }, { customer_get: () => ({ ...detail, cards }) });
    await expect.element(page.getByRole("img", { name: "Vercel Uppskjutet" })).toBeVisible();
    await userEvent.click(page.getByRole("link", { name: row.name }));
    const instance = page.getByRole("region", { name: "Instans" });
    await expect.element(instance.getByText("Uppskjutet", { exact: true })).toBeVisible();
    await expect.element(instance.getByText("Kräver åtgärd", { exact: true })).not.toBeInTheDocument();
  });

  it("tells of an imported database URL, and of what it knows no words for", async () => {
    const detail = customerDetail(customers[4]!);
    const activity = ["customer.database_url_imported", "customer.sung_to"].map((action) => ({ at: detail.row.updated_at, operator: "Klara", action, facts: {} }));
    await open("/customers/c4", {}, { customer_get: () => ({ ...detail, activity }) });
    await expect.element(page.getByText("Databas-URL importerad, finns i nyckelringen")).toBeVisible();
    await expect.element(page.getByText("Något hände: customer.sung_to")).toBeVisible();
  });
});

describe("removing an instance", () => {
  const dialog = () => page.getByRole("dialog", { name: "Ta bort instansen för Mälarstrand Konferens?" });
  const remove = () => dialog().getByRole("button", { name: "Ta bort instansen", exact: true });
  const ask = async () => {
    await userEvent.click(page.getByRole("button", { name: /Åtgärder/ }));
    await userEvent.click(page.getByRole("menuitem", { name: "Ta bort instansen…" }));
  };

  it("shows in order what goes, what goes with it, and what stays and why", async () => {
    await open("/customers/c4");
    await ask();
    const goes = dialog().getByRole("list", { name: "Tas bort, i den här ordningen" }).getByRole("listitem");
    await expect.poll(() => goes.elements().map((one) => one.textContent)).toEqual([
      "1Vercel-projektclient-akermark",
      "2Privat GitHub-reponorrform/client-akermarktar med sig: konfigurationsfil",
      "3Supabase-projektclient-akermarktar med sig: databas och administratör",
    ]);
    const stays = dialog().getByRole("list", { name: "Blir kvar" });
    await expect.element(stays.getByText("är skickat, kan inte tas tillbaka")).toBeVisible();
    await expect.element(stays.getByText("fanns redan, tas aldrig bort")).toBeVisible();
    await expect.element(stays.getByText("norrform/portal")).toBeVisible();
    await expect.element(stays.getByText("hör till alla kunder, rörs aldrig")).toBeVisible();
  });

  it("lists a deployment of a project that all customers share as what stays", async () => {
    const [first] = removalPlan.resources;
    if (first === undefined) throw new Error("nothing is planned");
    const resource = { ...first.resource, key: "r-deployment", kind: "vercel_deployment", name: "portal" } as const;
    const resources = [...removalPlan.resources, { resource, fate: "stays" } as const];
    await open("/customers/c4", {}, { removal_plan: () => ({ ...removalPlan, resources }) });
    await ask();
    const stays = dialog().getByRole("list", { name: "Blir kvar" });
    await expect.element(stays.getByText("blir kvar i projektet som den hör till")).toBeVisible();
    const goes = dialog().getByRole("list", { name: "Tas bort, i den här ordningen" });
    await expect.element(goes.getByText("Driftsättning")).not.toBeInTheDocument();
  });

  it("S13 an instance is removed only once its subdomain is typed and the button pressed: Enter alone never fires", async () => {
    const { port, history } = await open("/customers/c4");
    await ask();
    await expect.element(dialog().getByRole("button", { name: "Avbryt" })).toHaveFocus();
    await expect.element(remove()).toBeDisabled();
    const field = dialog().getByRole("textbox");
    await userEvent.type(field, "malarstran");
    await userEvent.keyboard("{Enter}");
    await expect.element(remove()).toBeDisabled();
    await userEvent.type(field, "d");
    await userEvent.keyboard("{Enter}");
    await userEvent.keyboard("{Control>}{Enter}{/Control}");
    expect(port.callsOf("deprovision")).toEqual([]);
    await userEvent.click(remove());
    await expect.poll(() => history.location.pathname).toBe("/runs/run-removing");
    expect(port.callsOf("deprovision")).toEqual([{ customer: "c4", confirm: "malarstrand" }]);
  });

  it("is not offered where nothing was made", async () => {
    await open("/customers/c1");
    await userEvent.click(page.getByRole("button", { name: /Åtgärder/ }));
    await expect.element(page.getByRole("menuitem", { name: "Ta bort kunden" })).toBeVisible();
    await expect.element(page.getByRole("menuitem", { name: "Ta bort instansen…" })).not.toBeInTheDocument();
  });

  it("says what stands in the way", async () => {
    const { CommandError } = await import("@/backend/errors");
    await open("/customers/c4", {}, {
      deprovision: () => {
        throw new CommandError({ code: "run_active", run: "run-c0" });
      },
    });
    await ask();
    await userEvent.type(dialog().getByRole("textbox"), "malarstrand");
    await userEvent.click(remove());
    await expect.element(dialog().getByText("Kunden har redan en körning som pågår")).toBeVisible();
  });
});

describe("deleting a customer", () => {
  const dialog = () => page.getByRole("dialog");
  const ask = async () => {
    await userEvent.click(page.getByRole("button", { name: /^Åtgärder/ }));
    await userEvent.click(page.getByRole("menuitem", { name: "Ta bort kunden" }));
  };

  it("lists what goes, and by name what stays: adopted, let be, or entered by hand", async () => {
    const row = customers.find(({ id }) => id === "c4")!;
    const detail = customerDetail(row);
    const [database, repository, site] = detail.resources;
    const resources = [
      { ...database!, origin: "adopted" as const, name: "malarstrand-old", id: row.supabase_project_ref ?? "" },
      { ...repository!, state: "let_go" as const },
      { ...site!, state: "removed" as const },
    ];
    await open("/customers/c4", {}, { customer_get: () => ({ ...detail, resources }) });
    await ask();
    const goes = dialog().getByRole("list", { name: "Tas bort ur Fabrik" }).getByRole("listitem");
    await expect.poll(() => goes.elements().map((one) => one.textContent)).toEqual([
      "Kundens uppgifter",
      "Körningar och logg",
      "Det som nyckelringen har om kunden",
    ]);
    const stays = dialog().getByRole("list", { name: "Blir kvar" }).getByRole("listitem");
    expect(stays.elements().map((one) => one.textContent)).toEqual([
      "Supabase-projektfanns redan, tas aldrig bortmalarstrand-old",
      "Privat GitHub-repolämnades kvar av digclient-malarstrand",
      "Produktions-URLstår i kundens uppgifter, rörs intehttps://malarstrand.norrform.example",
      "URL till GitHub-repotstår i kundens uppgifter, rörs intehttps://github.com/norrform/client-malarstrand",
      "Kundens förfrågningar finns kvar bland förfrågningarna.",
    ]);
  });

  it("says that nothing is known to stay", async () => {
    await open("/customers/c1");
    await ask();
    await expect.element(dialog().getByText("Fabrik känner inte till något som blir kvar hos leverantörerna.")).toBeVisible();
  });
});

describe("a customer whose run came to nothing", () => {
  const ended = (state: "cancelled" | "leftovers" | "rolled_back") => {
    const row = customerRow(1, ["Nordanvind Byggkonsult", "nordanvind", "stopped", 5, 0]);
    return { ...row, last_run: runOf({ customer: row.id, state }) };
  };

  it("says that it was undone, and can be provisioned anew", async () => {
    await open("/customers", { rows: [ended("rolled_back")] });
    const row = page.getByRole("row", { name: /Nordanvind/ });
    // As its tab has it; how the run ended stands with the run.
    await expect.element(row.getByText("Inte uppsatt", { exact: true })).toBeVisible();
    await expect.element(row.getByText("Ångrad", { exact: true })).toBeVisible();
    await expect.element(row.getByRole("button", { name: "Provisionera Nordanvind Byggkonsult" })).toBeVisible();
  });

  it("says that it was cancelled, and leads to the run, which can go on", async () => {
    const rows = [ended("cancelled")];
    await open("/customers", { rows });
    const row = page.getByRole("row", { name: /Nordanvind/ });
    await expect.element(row.getByText("Avbruten", { exact: true })).toBeVisible();
    await expect.element(row.getByRole("link", { name: "Visa körningen" })).toBeVisible();
    await expect.element(row.getByRole("button", { name: /Provisionera/ })).not.toBeInTheDocument();
    await open(`/customers/${rows[0]?.id}`, { rows });
    await expect.element(page.getByRole("main").getByRole("link", { name: "Visa körningen" })).toBeVisible();
  });

  it.each([1024, 1280])("says how it ended in whole words at %i px", async (width) => {
    await page.viewport(width, 640);
    try {
      const rows = [{ ...ended("leftovers"), state: "needs_you" as const }];
      await open("/customers", { rows });
      const said = page.getByRole("row", { name: /Nordanvind/ }).getByText("Ångrad, med rester", { exact: true });
      await expect.element(said).toBeVisible();
      await expect.poll(() => said.element().scrollWidth - said.element().clientWidth).toBeLessThanOrEqual(0);
    } finally {
      await page.viewport(1440, 900);
    }
  });
});

describe("a customer whose instance was removed", () => {
  const stopped = customerRow(1, ["Nordanvind Byggkonsult", "nordanvind", "stopped", 5, 0]);
  const run = { ...runOf({ customer: stopped.id, state: "succeeded" }), purpose: "deprovision" as const };
  const row = { ...stopped, status: "inactive" as const, last_run: run };

  it("says so in the list, and can be provisioned anew", async () => {
    await open("/customers", { rows: [row] });
    const line = page.getByRole("row", { name: /Nordanvind/ });
    await expect.element(line.getByText("Borttagen", { exact: true }).first()).toBeVisible();
    await expect.element(line.getByRole("button", { name: "Provisionera Nordanvind Byggkonsult" })).toBeVisible();
  });

  it("says so on its page, and its cards wait for nothing and lead nowhere", async () => {
    const detail = customerDetail(row);
    const card = { provider: "github" as const, state: "absent" as const, facts: [] };
    const resources = detail.resources.map((resource) => ({ ...resource, state: "removed" as const }));
    await open(`/customers/${row.id}`, { rows: [row] }, { customer_get: () => ({ ...detail, links: [], cards: [card], resources, runs: [run] }) });
    await expect.element(page.getByRole("status").getByText("Borttagen")).toBeVisible();
    await expect.element(page.getByRole("button", { name: "Provisionera", exact: true })).toBeVisible();
    const instance = page.getByRole("region", { name: "Instans" });
    await expect.element(instance.getByText("finns inte längre")).toBeVisible();
    await expect.element(instance.getByText("Väntar", { exact: true })).not.toBeInTheDocument();
    await expect.element(instance.getByText("Skapas när du provisionerar")).not.toBeInTheDocument();
    expect(instance.getByRole("button", { name: /^Öppna/ }).elements()).toEqual([]);
  });
});

describe("a customer's actions", () => {
  const choose = async (name: string) => {
    await userEvent.click(page.getByRole("button", { name: /^Åtgärder/ }));
    await userEvent.click(page.getByRole("menuitem", { name }));
  };

  it("show what a run would change before they begin one on an instance that stands", async () => {
    const { port } = await open("/customers/c4");
    await choose("Provisionera");
    await expect.element(page.getByRole("dialog", { name: /Mälarstrand/ })).toBeVisible();
    expect(port.callsOf("provision")).toEqual([]);
  });

  it("have the focus again once the dialog that one of them opened is closed", async () => {
    await open("/customers/c4");
    await choose("Redigera kunden");
    await expect.element(page.getByRole("dialog", { name: "Redigera kunden" })).toBeVisible();
    await userEvent.keyboard("{Escape}");
    await expect.element(page.getByRole("dialog")).not.toBeInTheDocument();
    await expect.element(page.getByRole("button", { name: /^Åtgärder/ })).toHaveFocus();
  });

  it("change nothing where nothing was typed, and no subdomain that something is named by", async () => {
    const { port } = await open("/customers/c4");
    await choose("Redigera kunden");
    const dialog = page.getByRole("dialog", { name: "Redigera kunden" });
    await expect.element(dialog.getByRole("textbox", { name: "Subdomän" })).toBeDisabled();
    await expect.element(dialog.getByText("Det som finns för kunden är namngivet efter den.", { exact: false })).toBeVisible();
    await userEvent.click(dialog.getByRole("button", { name: /^Spara/ }));
    await expect.element(dialog).not.toBeInTheDocument();
    await choose("Redigera för hand");
    await userEvent.click(page.getByRole("dialog").getByRole("button", { name: /^Spara/ }));
    await expect.element(page.getByRole("dialog")).not.toBeInTheDocument();
    expect(port.callsOf("customer_edit")).toEqual([]);
  });

  it("leave the subdomain free until something is named by it", async () => {
    await open("/customers/c1");
    await choose("Redigera kunden");
    await expect.element(page.getByRole("dialog").getByRole("textbox", { name: "Subdomän" })).toBeEnabled();
  });
});

it("a card that has failed leads to the run that did", async () => {
  const { history } = await open("/customers/c3");
  await userEvent.click(page.getByRole("region", { name: "Instans" }).getByRole("button", { name: "Visa körningen" }).first());
  await expect.poll(() => history.location.pathname).toMatch(/^\/runs\//);
});

it("a customer that is gone leads back to the list", async () => {
  const { history } = await open("/customers/nobody");
  await expect.element(page.getByText("Kunden finns inte")).toBeVisible();
  await userEvent.click(page.getByRole("button", { name: "Gå till kunder" }));
  await expect.poll(() => history.location.pathname).toBe("/customers");
});

it("the frame shows runs that wait beside those that go on", async () => {
  const active = (id: string, state: "running" | "waiting") => ({ run: id, customer: id, customer_name: id, state });
  const overview = { version: "0.1.0", workspace: "norrform", sandbox: true, language: "sv" as const, theme: "light" as const, density: "compact" as const, customers: 20 };
  await open("/customers", {}, {
    overview: () => ({ ...overview, active_runs: [active("a", "running"), active("b", "waiting")], interrupted_runs: [active("c", "waiting")], leftover_runs: 1, open_requests: 0 }),
  });
  const item = page.getByRole("link", { name: /Körningar/ });
  await expect.element(item).toHaveAccessibleName(/1 pågår/);
  await expect.element(item).toHaveAccessibleName(/3 körningar väntar på dig/);
});

it("the palette finds a customer and goes there", async () => {
  const { history } = await open("/runs");
  await expect.element(page.getByRole("heading", { name: "Körningar" })).toBeVisible();
  await userEvent.keyboard("{Control>}k{/Control}");
  await userEvent.keyboard("tonika");
  await expect.element(page.getByRole("option", { name: /Tonika Musikskola/ })).toBeVisible();
  await userEvent.keyboard("{Enter}");
  await expect.poll(() => history.location.pathname).toBe("/customers/c6");
});

it("the palette opens what was typed, also before the list has answered", async () => {
  const { history } = await open("/runs");
  await expect.element(page.getByRole("heading", { name: "Körningar" })).toBeVisible();
  await userEvent.keyboard("{Control>}k{/Control}");
  await expect.element(page.getByRole("option", { name: /Åkermark/ })).toBeVisible();
  await userEvent.keyboard("nycklar{Enter}");
  await expect.poll(() => history.location.pathname).toBe("/settings/credentials");
});

it("N adds a customer from any page, and over the list as it is filtered", async () => {
  const { history, screen } = await open("/runs");
  await expect.element(page.getByRole("table", { name: "Körningar" })).toBeVisible();
  await userEvent.keyboard("n");
  await expect.element(page.getByRole("dialog", { name: "Ny kund" })).toBeVisible();
  expect(history.location.pathname).toBe("/customers");
  await screen.unmount();

  const { history: filtered } = await open("/customers?state=needs_you");
  await expect.poll(() => rows().elements().length).toBe(3);
  await userEvent.keyboard("n");
  await expect.element(page.getByRole("dialog", { name: "Ny kund" })).toBeVisible();
  expect(filtered.location.href).toContain("state=needs_you");
});

it("a chord goes to a page, and single keys can be switched off", async () => {
  const { history } = await open("/settings/shortcuts");
  await expect.element(page.getByRole("checkbox", { name: "Kortkommandon med en tangent" })).toBeChecked();
  await userEvent.keyboard("gu");
  await expect.poll(() => history.location.pathname).toBe("/runs");
  await userEvent.keyboard("gr");
  await expect.poll(() => history.location.pathname).toBe("/requests");
  await userEvent.keyboard("gs");
  await expect.poll(() => history.location.pathname).toBe("/settings/general");
  await userEvent.click(page.getByRole("link", { name: "Kortkommandon" }));
  await userEvent.click(page.getByRole("checkbox", { name: "Kortkommandon med en tangent" }));
  (document.activeElement as HTMLElement).blur();
  await userEvent.keyboard("gu");
  await expect.poll(() => history.location.pathname).toBe("/settings/shortcuts");
});

describe("what the list is narrowed by and kept as", () => {
  it("blueprints and plans have their counts, also a plan that no blueprint tells of", async () => {
    await open("/customers", {}, {
      customer_counts: () => ({ states: [], plans: [{ name: "starter", count: 13 }, { name: "legacy", count: 2 }], blueprints: [{ name: "factory", count: 15 }] }),
    });
    await userEvent.click(page.getByRole("combobox", { name: "Plan" }));
    await expect.element(page.getByRole("option", { name: /Start\s*13/ })).toBeVisible();
    await expect.element(page.getByRole("option", { name: /Professional\s*0/ })).toBeVisible();
    await expect.element(page.getByRole("option", { name: /legacy\s*2/ })).toBeVisible();
  });

  it("counts that were refused are said and asked for again, and the list is there all the same", async () => {
    let refused = true;
    const counts = { states: [{ state: "active" as const, count: 4711 }], plans: [], blueprints: [] };
    await open("/customers", {}, {
      customer_counts: () => (refused ? refuse({ code: "database_busy" }) : counts),
    });
    await expect.element(page.getByText("Mälarstrand Konferens")).toBeVisible();
    const again = page.getByRole("button", { name: "Antalen kom inte – läs igen" });
    await expect.element(again).toHaveAttribute("title", "Databasen är upptagen");
    const working = page.getByRole("group", { name: "Status" }).getByRole("button", { name: /^Fungerar/ });
    await expect.element(working).toHaveTextContent(/^Fungerar$/);
    refused = false;
    await userEvent.click(again);
    await expect.element(working).toHaveTextContent(/4\s711$/);
    await expect.element(again).not.toBeInTheDocument();
  });

  it("a row has its plan, its own domain whole, and its last run", async () => {
    const own = { ...customers[4]!, production_url: "https://www.malarstrandkonferens.se/" };
    await open("/customers", { rows: [own, customers[5]!] });
    const row = rows().nth(1);
    await expect.element(row.getByText("www.malarstrandkonferens.se")).toBeVisible();
    await expect.element(row.getByText("Start", { exact: true })).toBeVisible();
    // The records are of one day, and the page is of today.
    const ended = createFormat("sv").moment(own.last_run!.finished_at!, Date.now());
    await expect.element(row.getByRole("link", { name: `Klar ${ended}` })).toHaveAttribute("href", expect.stringContaining("/runs/run-c4"));
    await expect.element(rows().nth(2).getByText("kvarnbyn", { exact: true })).toBeVisible();
  });

  it("all are exported, and the message names the file and leads to it", async () => {
    const { port } = await open("/customers");
    await userEvent.click(page.getByRole("button", { name: "Exportera" }));
    await userEvent.click(page.getByRole("menuitem", { name: "Alla kunder som CSV" }));
    await expect.poll(() => port.callsOf("customers_save")).toEqual([{ format: "csv", customers: [] }]);
    await expect.element(page.getByText("fabrik-customers-2026-11-21.csv sparades")).toBeVisible();
    await userEvent.click(page.getByRole("button", { name: "Visa i mappen" }));
    await expect.poll(() => port.callsOf("folder_open")).toEqual([{ folder: "downloads" }]);
  });

  it("those that are chosen alone are exported from the bar", async () => {
    const { port } = await open("/customers", { language: "en" });
    await expect.element(page.getByText("Mälarstrand Konferens")).toBeVisible();
    await userEvent.keyboard("jxjx");
    await userEvent.click(page.getByRole("toolbar").getByRole("button", { name: "Export" }));
    await userEvent.click(page.getByRole("menuitem", { name: "Export as JSON" }));
    await expect.poll(() => port.callsOf("customers_save")).toEqual([{ format: "json", customers: ["c0", "c1"] }]);
  });

  it("an export that can't be written says why, once", async () => {
    const { port } = await open("/customers", {}, { customers_save: () => refuse({ code: "disk_full" }) });
    for (let times = 1; times <= 2; times += 1) {
      await userEvent.click(page.getByRole("button", { name: "Exportera" }));
      await userEvent.click(page.getByRole("menuitem", { name: "Alla kunder som JSON" }));
      await expect.poll(() => port.callsOf("customers_save").length).toBe(times);
    }
    await expect.poll(() => page.getByRole("alert").filter({ hasText: "Disken är full" }).elements().length).toBe(1);
  });
});

it("the palette opens the pages of the customer on top", async () => {
  const { port } = await open("/runs", { language: "en" });
  await expect.element(page.getByRole("heading", { name: "Runs" })).toBeVisible();
  await userEvent.keyboard("{Control>}k{/Control}");
  await userEvent.keyboard("tonika");
  await expect.element(page.getByText("Actions for Tonika Musikskola")).toBeVisible();
  await userEvent.click(page.getByRole("option", { name: "Go to production" }));
  await expect.poll(() => port.callsOf("link_open")).toEqual([{ customer: "c6", target: "production" }]);
});

describe("the repository of a customer", () => {
  const without = { ...customers.find(({ id }) => id === "c4")!, github_repo_url: undefined };

  it("is made from its card only where an instance has none and the blueprint has one", async () => {
    const { screen } = await open("/customers/c4", { rows: [without] });
    await expect.element(page.getByRole("button", { name: "Skapa repository", exact: true })).toBeVisible();
    await screen.unmount();
    const there = await open("/customers/c4");
    await expect.element(page.getByRole("heading", { level: 1, name: "Mälarstrand Konferens" })).toBeVisible();
    await expect.element(page.getByRole("button", { name: "Skapa repository", exact: true })).not.toBeInTheDocument();
    await there.screen.unmount();
    await open("/customers/c4", { rows: [without] }, {
      customer_get: () => ({ ...customerDetail(without), blueprint: agency }),
    });
    await expect.element(page.getByRole("heading", { level: 1, name: "Mälarstrand Konferens" })).toBeVisible();
    await expect.element(page.getByRole("button", { name: "Skapa repository", exact: true })).not.toBeInTheDocument();
  });

  it("is made with all the rest where nothing has been provisioned", async () => {
    await open("/customers/c1");
    await expect.element(page.getByRole("button", { name: "Provisionera", exact: true })).toBeVisible();
    await expect.element(page.getByRole("button", { name: "Skapa repository", exact: true })).not.toBeInTheDocument();
  });

  it("shows the plan of the whole run first, and starts nothing by itself", async () => {
    const { port } = await open("/customers/c4", { rows: [without] });
    const create = page.getByRole("button", { name: "Skapa repository", exact: true });
    await expect.element(create).toHaveAccessibleDescription("Visar planen för hela körningen först");
    await userEvent.click(create);
    const plan = page.getByRole("dialog", { name: "Plan för Mälarstrand Konferens" });
    await expect.element(plan.getByText("Skicka välkomstmejl").first()).toBeVisible();
    expect(port.callsOf("provision")).toEqual([]);
    await userEvent.click(plan.getByRole("button", { name: "Provisionera", exact: true }));
    await expect.poll(() => port.callsOf("provision")).toEqual([{ customer: "c4", on_failure: "keep" }]);
  });
});

describe("a press on Provision", () => {
  const actions = async () => {
    await userEvent.click(page.getByRole("button", { name: /^Åtgärder/ }));
    return page.getByRole("menuitem", { name: "Provisionera" });
  };

  it("is seen at once on the page of a customer that is set up, and can't be made again meanwhile", async () => {
    const row = customers.find(({ id }) => id === "c4")!;
    const asked = later<Plan>();
    const { port, history } = await open("/customers/c4", {}, {
      customer_get: () => ({ ...customerDetail(row), modules_changed: true }),
      plan: () => asked.promise,
    });
    await userEvent.click(page.getByRole("button", { name: "Genomför ändringen" }));
    await expect.element(page.getByRole("status").filter({ hasText: "Kontrollerar…" })).toBeVisible();
    await expect.element(await actions()).toHaveAttribute("aria-disabled", "true");
    asked.settle(planOf(row));
    await expect.poll(() => history.location.pathname).toBe("/runs/run-c4");
    expect(port.callsOf("plan")).toEqual([{ customer: "c4" }]);
  });

  it("is offered for another plan, whose price stands beside the one until now", async () => {
    const row = customers.find(({ id }) => id === "c4")!;
    for (const [modules_changed, title] of [
      [false, "Planen är inte införd än"],
      [true, "Planen och modulerna är inte införda än"],
    ] as const) {
      const { screen } = await open("/customers/c4", {}, {
        customer_get: () => ({ ...customerDetail(row), modules_changed, plan_changed: true }),
        plan: () => ({ ...planOf(row), price_before: { amount: "195.00", currency: "USD", as_of: "2026-11-01" } }),
      });
      const offered = page.getByRole("region", { name: title });
      await expect.element(offered).toBeVisible();
      await userEvent.click(offered.getByRole("button", { name: "Visa plan" }));
      await expect.element(page.getByText(/hittills 195/)).toBeVisible();
      await screen.unmount();
    }
  });

  it("pulls nobody away who has gone on to another customer, and tells there what is in the way", async () => {
    for (const can_run of [true, false]) {
      const asked = later<Plan>();
      const { port, history, screen } = await open("/customers/c1", {}, { plan: () => asked.promise });
      await userEvent.click(await actions());
      history.push("/customers/c4");
      await expect.element(page.getByRole("heading", { level: 1, name: "Mälarstrand Konferens" })).toBeVisible();
      asked.settle({ ...planOf(customers[1]!), can_run });
      if (can_run) await expect.poll(() => port.callsOf("provision")).toHaveLength(1);
      else await expect.element(page.getByText("Nordanvind Byggkonsult kan inte provisioneras än").first()).toBeInTheDocument();
      expect(history.location.pathname).toBe("/customers/c4");
      await screen.unmount();
    }
  });

  it("twice in a moment is one run, and the button says that it is under way", async () => {
    const asked = later<Plan>();
    const { port } = await open("/customers/c1", {}, { plan: () => asked.promise });
    const provision = page.getByRole("button", { name: "Provisionera", exact: true });
    await expect.element(provision).toBeVisible();
    const button = provision.element();
    for (const press of [1, 2]) button.dispatchEvent(new MouseEvent("click", { bubbles: true, detail: press }));
    await expect.element(page.getByRole("button", { name: "Kontrollerar…" })).toBeDisabled();
    asked.settle(planOf(customers[1]!));
    await expect.poll(() => port.callsOf("provision")).toEqual([{ customer: "c1", on_failure: "rollback" }]);
    expect(port.callsOf("plan")).toHaveLength(1);
  });
});

it("modules that were changed are brought to the instance by a run", async () => {
  const detail = customerDetail(customers.find(({ id }) => id === "c4")!);
  const chosen = { "fabrik.onFailure": "rollback" };
  const changed = await open(`/customers/${detail.row.id}`, {}, { customer_get: () => ({ ...detail, modules_changed: true }) }, chosen);
  const note = page.getByRole("region", { name: "Modulerna är inte införda än" });
  await userEvent.click(note.getByRole("button", { name: "Genomför ändringen" }));
  // What was chosen for first runs is not asked for here.
  await expect.poll(() => changed.port.callsOf("provision")).toEqual([{ customer: "c4", on_failure: null }]);
  await changed.screen.unmount();
  await open(`/customers/${detail.row.id}`, {}, { customer_get: () => detail });
  await expect.element(page.getByRole("heading", { level: 1 })).toBeVisible();
  await expect.element(note).not.toBeInTheDocument();
});

it("a customer's runs stand over its activity, each leading to its page", async () => {
  const { history } = await open("/customers/c4");
  const list = page.getByRole("list", { name: "Körningar" });
  await expect.element(list.getByRole("link", { name: /Körning 214 Klar/ })).toBeVisible();
  await userEvent.click(list.getByRole("link", { name: /Körning 214/ }));
  await expect.poll(() => history.location.pathname).toBe("/runs/run-c4");
});

it("the facts of a card end within it, however long they are, and a hint has the whole of them", async () => {
  await page.viewport(1440, 900);
  const detail = customerDetail(customers.find(({ id }) => id === "c4")!);
  const long = "anna-karin.bergstrom-lindqvist@malarstrandkonferens.norrform.example";
  const cards = detail.cards.map((card) => ({ ...card, facts: [{ label: "administrator" as const, value: long }, ...card.facts] }));
  await open("/customers/c4", {}, { customer_get: () => ({ ...detail, cards }) });
  await expect.element(page.getByRole("article").first()).toBeVisible();
  const facts = [...document.querySelectorAll<HTMLElement>("article dd")];
  expect(facts.filter(({ title }) => title === long)).toHaveLength(cards.length);
  const beyond = () => facts.filter((fact) => fact.getBoundingClientRect().right > (fact.closest("article")?.getBoundingClientRect().right ?? 0)).map(({ title }) => title);
  await expect.poll(beyond).toEqual([]);
});

describe("what a failure brings about", () => {
  afterEach(() => page.viewport(1440, 900));

  it.each([[1440, 900], [1300, 800], [1024, 640], [720, 450]] as const)("is said in words over the list at %i × %i", async (width, height) => {
    await page.viewport(width, height);
    await open("/customers");
    const choice = page.getByRole("combobox", { name: "Om något går fel" });
    await expect.element(choice).toHaveTextContent("Vid fel: ångra allt");
    const words = choice.getByText("Vid fel: ångra allt").element();
    await expect.poll(() => words.scrollWidth - words.clientWidth, { message: "none of it is cut off" }).toBeLessThanOrEqual(0);
    const table = page.getByRole("table", { name: "Kunder" });
    await expect.poll(() => choice.element().getBoundingClientRect().bottom - table.element().getBoundingClientRect().top).toBeLessThanOrEqual(0);
    await expect.element(table.getByText("Senaste körning", { exact: true })).toBeVisible();
  });
});

describe("an instance's cards", () => {
  afterEach(() => page.viewport(1440, 900));

  it.each([
    ["sv", "Enligt senaste körningen", "Fungerar"],
    ["en", "By the last run", "Healthy"],
  ] as const)("say that they work, and their heading by which run, in %s", async (language, words, works) => {
    const instance = page.getByRole("region", { name: language === "sv" ? "Instans" : "Instance" });
    const caption = page.getByRole("main").getByText(new RegExp(`^${words}, `));
    const { screen } = await open("/customers/c4", { language });
    const ended = customers[4]?.last_run?.finished_at ?? "";
    await expect.poll(() => instance.getByText(works, { exact: true }).elements().length).toBe(4);
    await expect.element(caption).toHaveTextContent(`${words}, ${createFormat(language).moment(ended, Date.now())}`);
    await screen.unmount();
    // No run has ended yet that could say so.
    const none = await open("/customers/c0", { language });
    await expect.element(instance.getByText(works, { exact: true }).first()).toBeVisible();
    expect(caption.elements()).toEqual([]);
    await none.screen.unmount();
    // The last one failed, and was taken back.
    const undone = { ...customers[4]!, last_run: { ...customers[4]!.last_run!, state: "rolled_back" as const } };
    await open("/customers/c4", { language, rows: [undone] });
    await expect.element(instance.getByText(works, { exact: true }).first()).toBeVisible();
    expect(caption.elements()).toEqual([]);
  });

  it.each([[1440, 900, 2], [1024, 640, 2], [1920, 1200, 2]] as const)("leave none alone at %i × %i, on a page of 1120 at most", async (width, height, abreast) => {
    await page.viewport(width, height);
    await open("/customers/c4");
    const instance = page.getByRole("region", { name: "Instans" });
    await expect.poll(() => instance.getByRole("article").elements().length).toBe(4);
    const tops = () => instance.getByRole("article").elements().map((card) => card.getBoundingClientRect().top);
    await expect.poll(() => tops().filter((top, _, [first]) => top === first).length).toBe(abreast);
    await expect.poll(() => instance.element().getBoundingClientRect().width).toBeLessThanOrEqual(1120);
  });
});

describe("the word for a customer that works", () => {
  it.each([
    ["sv", "Fungerar", "Enligt senaste körningen", "Enbart enligt kundens uppgifter", "I drift enligt senaste körningen"],
    ["en", "Healthy", "By the last run", "By the customer's details alone", "Live by the last run"],
  ] as const)("tells by what, in the list and at the customer's head, in %s", async (language, works, byRun, byRecord, live) => {
    const set = customers[4]!;
    // As one that was made outside of Fabrik and entered by hand, and one whose newest run was taken back.
    const entered = { ...customers[5]!, last_run: undefined };
    const undone = { ...customers[6]!, last_run: { ...set.last_run!, ...runOf({ customer: "c6", state: "rolled_back" }) } };
    const rows = [set, entered, undone, customers[15]!];
    const when = createFormat(language).moment(set.last_run!.finished_at!, Date.now());
    const { screen } = await open("/customers", { language, rows });
    const row = (name: RegExp) => page.getByRole("row", { name });
    const told = (within: ReturnType<typeof row>, because: string) => within.getByTitle(because, { exact: true });
    await expect.element(told(row(/Mälarstrand/), `${byRun}, ${when}`)).toHaveTextContent(`${works}. ${byRun}, ${when}`);
    await expect.element(told(row(/Mälarstrand/), `Supabase: ${live}, ${when}`)).toBeVisible();
    for (const name of [/Kvarnbyn/, /Tonika/]) {
      await expect.element(told(row(name), byRecord)).toHaveTextContent(`${works}. ${byRecord}`);
      expect(row(name).getByTitle(new RegExp(live)).elements()).toEqual([]);
    }
    // Only that word claims more than is known.
    expect(told(row(/Skärgårdskrogen/), byRecord).elements()).toEqual([]);
    await screen.unmount();
    const ofSet = await open(`/customers/${set.id}`, { language, rows });
    const head = page.getByRole("main").getByRole("status");
    await expect.element(head.getByTitle(`${byRun}, ${when}`, { exact: true })).toHaveTextContent(`${works}. ${byRun}, ${when}`);
    await ofSet.screen.unmount();
    await open(`/customers/${entered.id}`, { language, rows });
    await expect.element(page.getByRole("article").first().getByTitle(byRecord, { exact: true })).toHaveTextContent(works);
  });
});
