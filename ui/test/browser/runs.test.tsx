import { describe, expect, it } from "vitest";
import { page, userEvent } from "vitest/browser";

import type { RunRow, RunState } from "@/backend/bindings";

import { refuse } from "../port";
import { runOf } from "../records/runs";
import { pageOf } from "../world";
import { later, open } from "./open";

const customer = (row: HTMLElement) => row.querySelector("a")?.textContent;
const rows = () => [...document.querySelectorAll<HTMLElement>("tbody tr")].map(customer);

/** A hundred and twenty runs: every fourth failed, the newest goes on in another process. */
const many: RunRow[] = Array.from({ length: 120 }, (_, place) => {
  const state: RunState = place === 0 ? "running" : place % 4 === 0 ? "failed" : "succeeded";
  return {
    ...runOf({ customer: `c${place}`, state }),
    number: 120 - place,
    customer_name: `Kund ${120 - place}`,
    steps_done: 3,
    steps_total: 12,
    ...(place === 0 ? { driver: { here: false, machine: "servern", process: 815 } } : {}),
  };
});

describe("the list of runs", () => {
  it("says who drives each, and how long each took", async () => {
    await open("/runs", {}, { runs_list: ({ query }) => pageOf(many, query) });
    const first = page.getByRole("row").filter({ hasText: "Kund 120" });
    await expect.element(first.getByText("Process 815 på servern")).toBeVisible();
    await expect.element(first.getByText("3 av 12")).toBeVisible();
    await expect.element(page.getByRole("row").filter({ hasText: "Kund 119" }).getByText("1:44")).toBeVisible();
  });

  it("names this window, and nobody where a run stands still", async () => {
    await open("/runs", { language: "en" }, {
      runs_list: ({ query }) => pageOf([{ ...many[0]!, driver: { here: true, machine: "x" } }, { ...many[1]!, state: "interrupted", finished_at: undefined }], query),
    });
    await expect.element(page.getByText("This window")).toBeVisible();
    await expect.element(page.getByText("Nobody now")).toBeVisible();
  });

  it("is turned page by page, and the address keeps the page", async () => {
    const { port, history } = await open("/runs", {}, { runs_list: ({ query }) => pageOf(many, query) });
    await expect.element(page.getByText("1–50 av 120")).toBeVisible();
    await expect.element(page.getByRole("button", { name: "Nyare" })).toBeDisabled();
    await userEvent.click(page.getByRole("button", { name: "Äldre" }));
    await expect.element(page.getByText("51–100 av 120")).toBeVisible();
    await userEvent.click(page.getByRole("button", { name: "Äldre" }));
    await expect.element(page.getByText("101–120 av 120")).toBeVisible();
    await expect.element(page.getByRole("button", { name: "Äldre" })).toBeDisabled();
    expect(rows()).toEqual(Array.from({ length: 20 }, (_, place) => `Kund ${20 - place}`));
    expect(history.location.search).toContain("page=3");
    expect(port.callsOf("runs_list").at(-1)).toEqual({ query: { states: [], limit: 50, offset: 100 } });
    history.back();
    await expect.element(page.getByText("51–100 av 120")).toBeVisible();
  });

  it("is filtered by states and words, from the first page, and let go by Escape", async () => {
    const { port } = await open("/runs?page=3", {}, { runs_list: ({ query }) => pageOf(many, query) });
    await userEvent.click(page.getByRole("button", { name: /Misslyckade/ }));
    await expect.poll(() => port.callsOf("runs_list").at(-1)).toEqual({ query: { states: ["failed"], limit: 50, offset: 0 } });
    await expect.poll(() => rows().length).toBe(29);
    await userEvent.keyboard("/kund 76");
    await expect.poll(rows).toEqual(["Kund 76"]);
    await userEvent.keyboard("x");
    await expect.element(page.getByText("Ingen körning stämmer med filtret")).toBeVisible();
    await userEvent.click(page.getByRole("button", { name: "Rensa filtret" }));
    await expect.element(page.getByText("1–50 av 120")).toBeVisible();
    await expect.element(page.getByRole("textbox", { name: "Filtrera körningar" })).toHaveValue("");
  });

  it("is walked and opened by keyboard", async () => {
    const { history } = await open("/runs");
    await expect.element(page.getByRole("link", { name: "Sjövik Camping & Stugor" })).toBeVisible();
    await userEvent.keyboard("jj");
    await expect.element(page.getByRole("link", { name: "Sjövik Camping & Stugor" })).toHaveFocus();
    await userEvent.keyboard("{Enter}");
    await expect.poll(() => history.location.pathname).toBe("/runs/run-failed");
  });

  it("is come back to as one left it, from a run by Escape and by its crumb", async () => {
    const { history } = await open("/runs?group=failed&q=sj");
    await userEvent.click(page.getByRole("link", { name: "Sjövik Camping & Stugor" }));
    await expect.poll(() => history.location.pathname).toBe("/runs/run-failed");
    const crumb = page.getByRole("main").getByRole("link", { name: "Körningar", exact: true });
    await expect.element(crumb).toBeVisible();
    expect(crumb.element().getAttribute("href")).toContain("group=failed");
    await userEvent.keyboard("{Escape}");
    await expect.poll(() => history.location.pathname).toBe("/runs");
    expect(history.location.search).toContain("group=failed");
    await expect.poll(rows).toEqual(["Sjövik Camping & Stugor"]);
  });

  it("is walked by keyboard from where one was in it", async () => {
    await open("/runs", {}, { runs_list: ({ query }) => pageOf(many, query) });
    await expect.element(page.getByRole("link", { name: "Kund 120", exact: true })).toBeVisible();
    const scroller = () => document.querySelector("table")?.parentElement;
    scroller()?.scrollTo({ top: 360 });
    await expect.poll(() => scroller()?.scrollTop).toBe(360);
    await userEvent.keyboard("j");
    await expect.poll(() => document.activeElement?.textContent).toMatch(/^Kund 1(09|10)$/);
    expect(scroller()?.scrollTop).toBeGreaterThan(300);
  });

  it("says where a run comes from where there is none", async () => {
    await open("/runs", {}, { runs_list: ({ query }) => pageOf([], query) });
    await expect.element(page.getByText("Inga körningar än")).toBeVisible();
    await expect.element(page.getByRole("link", { name: "Gå till kunder" })).toBeVisible();
  });

  it("has its geometry while it is on its way, keeps the rows while the next are, and tells a problem", async () => {
    const first = later<ReturnType<typeof pageOf>>();
    let answer = () => first.promise;
    const { port } = await open("/runs", {}, { runs_list: () => answer() });
    await expect.element(page.getByLabelText("Läser in…")).toBeInTheDocument();
    first.settle(pageOf(many, { states: [], limit: 50, offset: 0 }));
    await expect.element(page.getByText("1–50 av 120")).toBeVisible();
    answer = () => later<ReturnType<typeof pageOf>>().promise;
    await userEvent.click(page.getByRole("button", { name: "Äldre" }));
    await expect.poll(() => port.callsOf("runs_list").length).toBe(2);
    expect(rows()).toHaveLength(50);
    await open("/runs", {}, { runs_list: () => refuse({ code: "database_busy" }) });
    await expect.element(page.getByText("Databasen är upptagen")).toBeVisible();
  });
});
