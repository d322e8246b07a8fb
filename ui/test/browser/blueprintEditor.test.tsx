/** A blueprint's files in the editor: under the window's own rules, with the port in memory. */

import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { page, userEvent } from "vitest/browser";

import type { BlueprintContents, BlueprintFile } from "../../src/backend/bindings";
import { refuse } from "../port";
import { later, open } from "./open";

beforeAll(() => {
  // As the window does it: an editor that writes over what every object has would not run there.
  Object.freeze(Object.prototype);
});

const files: BlueprintFile[] = [
  { path: "blueprint.toml", text: 'version = 3\n[title]\nsv = "Ateljé"\n' },
  { path: "schema.sql", text: "create table public.notes (id uuid primary key);\n" },
];

const atelier = (more: Partial<BlueprintContents> = {}): BlueprintContents => ({ name: "atelier", own: true, hash: "h1", files, customers: 12, ...more });

const fine = { faults: [], checked_at: "2026-11-20T10:00:00Z" };

async function type(text: string) {
  await userEvent.click(page.getByRole("textbox", { name: "Innehållet i schema.sql" }));
  await userEvent.keyboard(text);
}

describe("a blueprint of the workspace's own", () => {
  it("is changed, looked at while one writes, reviewed, and saved as what was opened", async () => {
    const { port } = await open("/blueprints/atelier", {}, {
      blueprint_open: () => atelier(),
      blueprint_draft_check: ({ files: draft }) =>
        draft.some(({ text }) => text.includes("scraps"))
          ? { ...fine, faults: [{ file: "schema.sql", line: 1, message: "tabellen scraps saknar RLS", hint: "Slå på den." }] }
          : fine,
      blueprint_save: ({ files: saved }) => atelier({ hash: "h2", files: saved }),
    });
    await expect.element(page.getByText("används av 12 kunder")).toBeVisible();
    await expect.element(page.getByText("Inget fel")).toBeVisible();
    await userEvent.click(page.getByRole("button", { name: "schema.sql" }));
    await type("-- scraps{Enter}");
    await expect.element(page.getByText("tabellen scraps saknar RLS")).toBeVisible();
    await expect.element(page.getByRole("button", { name: /schema\.sql ändrad/ })).toBeVisible();

    await userEvent.click(page.getByRole("button", { name: "Granska och spara…" }));
    const review = page.getByRole("dialog");
    await expect.element(review.getByText("12 kunder har mallen", { exact: false })).toBeVisible();
    await expect.element(review.getByRole("region", { name: "schema.sql" }).getByText("-- scraps")).toBeVisible();
    await expect.element(review.getByRole("status")).toHaveTextContent("1 fel");
    const faults = review.getByRole("list", { name: "Fortfarande fel om du sparar nu" });
    await expect.element(faults.getByText("tabellen scraps saknar RLS")).toBeVisible();
    await expect.element(faults.getByText("schema.sql:1")).toBeVisible();
    await userEvent.click(review.getByRole("button", { name: "Spara ändå" }));
    await expect.poll(() => port.callsOf("blueprint_save").length).toBe(1);
    const sent = port.callsOf("blueprint_save")[0];
    expect(sent?.hash, "in the place of what was opened").toBe("h1");
    expect(sent?.files.find(({ path }) => path === "schema.sql")?.text).toContain("-- scraps\n");
    expect(sent?.files.find(({ path }) => path === "blueprint.toml")).toEqual(files[0]);
    await expect.element(page.getByText("atelier sparades")).toBeVisible();
    await expect.element(page.getByRole("button", { name: "Granska och spara…" })).toBeDisabled();
  });

  it("goes back to an earlier version, reviewed as any change and saved as the next", async () => {
    const older: BlueprintFile[] = [
      { path: "blueprint.toml", text: 'version = 2\n[title]\nsv = "Ateljé"\n' },
      { path: "schema.sql", text: `-- sketches\n${files[1]!.text}` },
    ];
    const { port } = await open("/blueprints/atelier", {}, {
      blueprint_open: () => atelier(),
      blueprint_draft_check: () => fine,
      blueprint_versions: () => [{ version: 2, hash: "h0", replaced_at: "2026-11-19T10:00:00Z" }],
      blueprint_version: () => older,
      blueprint_save: ({ files: saved }) => atelier({ hash: "h2", files: saved }),
    });
    await userEvent.click(page.getByRole("button", { name: "Tidigare versioner…" }));
    await userEvent.click(page.getByRole("dialog").getByRole("button", { name: "Gå tillbaka till version 2" }));
    await expect.poll(() => port.callsOf("blueprint_version")).toEqual([{ name: "atelier", hash: "h0" }]);
    await expect.element(page.getByRole("button", { name: /schema\.sql ändrad/ })).toBeVisible();
    expect(port.callsOf("blueprint_save")).toEqual([]);
    await userEvent.click(page.getByRole("button", { name: "Granska och spara…" }));
    const review = page.getByRole("dialog");
    await expect.element(review.getByRole("region", { name: "schema.sql" }).getByText("-- sketches")).toBeVisible();
    await expect.element(review.getByRole("status")).toBeEmptyDOMElement();
    await userEvent.click(review.getByRole("button", { name: "Spara som nästa version" }));
    await expect.poll(() => port.callsOf("blueprint_save")).toEqual([{ name: "atelier", hash: "h1", files: older }]);
  });

  it("lists its versions anew where one of them is gone", async () => {
    const kept = { version: 3, hash: "h3", replaced_at: "2026-11-19T10:00:00Z" };
    const gone = { version: 2, hash: "h2", replaced_at: "2026-11-18T10:00:00Z" };
    let asked = false;
    await open("/blueprints/atelier", {}, {
      blueprint_open: () => atelier(),
      blueprint_draft_check: () => fine,
      blueprint_versions: () => (asked ? [kept] : [kept, gone]),
      blueprint_version: () => {
        asked = true;
        return refuse({ code: "blueprint_version_gone", blueprint: "atelier" });
      },
    });
    await userEvent.click(page.getByRole("button", { name: "Tidigare versioner…" }));
    const dialog = page.getByRole("dialog");
    await userEvent.click(dialog.getByRole("button", { name: "Gå tillbaka till version 2" }));
    await expect.element(dialog.getByText("Den versionen av mallen atelier finns inte kvar som den var")).toBeVisible();
    await expect.element(dialog.getByRole("button", { name: "Gå tillbaka till version 2" })).not.toBeInTheDocument();
    await expect.element(dialog.getByRole("button", { name: "Gå tillbaka till version 3" })).toBeVisible();
  });

  it("loses nothing where somebody else saved it in the meantime", async () => {
    await open("/blueprints/atelier", {}, {
      blueprint_open: () => atelier(),
      blueprint_draft_check: () => fine,
      blueprint_save: () => refuse({ code: "blueprint_changed", blueprint: "atelier" }),
    });
    await userEvent.click(page.getByRole("button", { name: "schema.sql" }));
    await type("-- mine{Enter}");
    await userEvent.click(page.getByRole("button", { name: "Granska och spara…" }));
    await expect.element(page.getByRole("dialog").getByRole("status")).toBeEmptyDOMElement();
    await userEvent.click(page.getByRole("button", { name: "Spara som nästa version" }));
    await expect.element(page.getByRole("dialog").getByText("Mallen atelier har ändrats av någon annan")).toBeVisible();
    await userEvent.click(page.getByRole("button", { name: "Avbryt" }));
    await expect.element(page.getByText("-- mine")).toBeVisible();
  });

  it("is opened as it is there now, under what was written, where somebody else saved it", async () => {
    const theirs: BlueprintFile[] = [
      { path: "blueprint.toml", text: 'version = 4\n[title]\nsv = "Ateljé"\n' },
      { path: "extra.sql", text: "select 1;\n" },
      { path: "schema.sql", text: "-- theirs\n" },
    ];
    let others = false;
    const { port } = await open("/blueprints/atelier", {}, {
      blueprint_open: () => (others ? atelier({ hash: "h9", files: theirs }) : atelier()),
      blueprint_draft_check: () => fine,
      blueprint_save: ({ hash, files: saved }) => {
        others = true;
        return hash === "h9" ? atelier({ hash: "h10", files: saved }) : refuse({ code: "blueprint_changed", blueprint: "atelier" });
      },
    });
    const review = page.getByRole("dialog");
    const save = page.getByRole("button", { name: "Spara som nästa version" });
    const openNow = review.getByRole("button", { name: "Öppna det som finns nu" });
    await userEvent.click(page.getByRole("button", { name: "schema.sql" }));
    await type("-- mine{Enter}");
    await userEvent.click(page.getByRole("button", { name: "Granska och spara…" }));
    await expect.element(openNow).not.toBeInTheDocument();
    await userEvent.click(save);
    await userEvent.click(openNow);
    await expect.element(openNow).not.toBeInTheDocument();
    await expect.element(review.getByRole("region", { name: "schema.sql" })).toHaveTextContent("theirs");
    await expect.element(review.getByRole("region", { name: "schema.sql" })).toHaveTextContent("mine");
    await expect.element(review.getByRole("region", { name: "blueprint.toml" })).not.toBeInTheDocument();
    await userEvent.click(save);
    await expect.poll(() => port.callsOf("blueprint_save").length).toBe(2);
    const sent = port.callsOf("blueprint_save")[1];
    expect(sent?.hash).toBe("h9");
    const text = (path: string) => sent?.files.find((file) => file.path === path)?.text;
    expect(text("schema.sql")).toContain("-- mine\n");
    expect(text("schema.sql")).not.toContain("-- theirs");
    expect(text("blueprint.toml"), "as somebody else left it").toBe(theirs[0]?.text);
    expect(text("extra.sql")).toBe("select 1;\n");
    await expect.element(page.getByText("atelier sparades")).toBeVisible();
  });

  it("goes back to what is there now, where that was opened", async () => {
    let others = false;
    await open("/blueprints/atelier", {}, {
      blueprint_open: () => (others ? atelier({ hash: "h9", files: [files[0]!, { path: "schema.sql", text: "-- theirs\n" }] }) : atelier()),
      blueprint_draft_check: () => fine,
      blueprint_save: () => {
        others = true;
        return refuse({ code: "blueprint_changed", blueprint: "atelier" });
      },
    });
    await userEvent.click(page.getByRole("button", { name: "schema.sql" }));
    await type("-- mine{Enter}");
    await userEvent.click(page.getByRole("button", { name: "Granska och spara…" }));
    await userEvent.click(page.getByRole("button", { name: "Spara som nästa version" }));
    await userEvent.click(page.getByRole("button", { name: "Öppna det som finns nu" }));
    await expect.element(page.getByRole("dialog").getByRole("region", { name: "schema.sql" })).toHaveTextContent("theirs");
    await userEvent.click(page.getByRole("button", { name: "Avbryt" }));
    await expect.element(page.getByText("-- mine")).toBeVisible();
    await userEvent.click(page.getByRole("button", { name: "Släng ändringarna" }));
    await expect.element(page.getByText("-- theirs")).toBeVisible();
    await expect.element(page.getByText("-- mine")).not.toBeInTheDocument();
    await expect.element(page.getByRole("button", { name: "Granska och spara…" })).toBeDisabled();
  });

  it("keeps how its lines end", async () => {
    const schema = { path: "schema.sql", text: "-- one\r\n-- two\r\n-- three\r\n-- four\n" };
    const { port } = await open("/blueprints/atelier", {}, {
      blueprint_open: () => atelier({ files: [files[0]!, schema] }),
      blueprint_draft_check: () => fine,
      blueprint_save: ({ files: saved }) => atelier({ hash: "h2", files: saved }),
    });
    const discard = page.getByRole("button", { name: "Släng ändringarna" });
    await userEvent.click(page.getByRole("button", { name: "schema.sql" }));
    // All of it taken away and put back is no change.
    await type("{Control>}a{/Control}{Backspace}");
    await expect.element(discard).toBeVisible();
    await userEvent.keyboard("{Control>}z{/Control}");
    await expect.element(page.getByText("-- three")).toBeVisible();
    await expect.element(discard).not.toBeInTheDocument();
    await userEvent.keyboard("{Control>}{Home}{/Control}-- mine{Enter}");
    await userEvent.click(page.getByRole("button", { name: "Granska och spara…" }));
    await userEvent.click(page.getByRole("button", { name: "Spara som nästa version" }));
    await expect.poll(() => port.callsOf("blueprint_save")[0]?.files.find(({ path }) => path === "schema.sql")?.text).toBe(`-- mine\r\n${schema.text}`);
  });

  it("tells in the review that lines end otherwise, which no line shows", async () => {
    let others = false;
    const schema = (text: string) => atelier({ files: [files[0]!, { path: "schema.sql", text }] });
    await open("/blueprints/atelier", {}, {
      // Somebody else wrote the same, on another system.
      blueprint_open: () => (others ? schema("-- mine\n-- one\n") : schema("-- one\r\n")),
      blueprint_draft_check: () => fine,
      blueprint_save: () => {
        others = true;
        return refuse({ code: "blueprint_changed", blueprint: "atelier" });
      },
    });
    await userEvent.click(page.getByRole("button", { name: "schema.sql" }));
    await type("{Control>}{Home}{/Control}-- mine{Enter}");
    await userEvent.click(page.getByRole("button", { name: "Granska och spara…" }));
    const changed = page.getByRole("dialog").getByRole("region", { name: "schema.sql" });
    await expect.element(changed).toBeVisible();
    await expect.element(changed.getByText(/Radsluten/)).not.toBeInTheDocument();
    await userEvent.click(page.getByRole("button", { name: "Spara som nästa version" }));
    await userEvent.click(page.getByRole("dialog").getByRole("button", { name: "Öppna det som finns nu" }));
    await expect.element(changed.getByText("Radsluten ändras från LF till CRLF")).toBeVisible();
  });

  it("keeps what was typed when the language is changed", async () => {
    await open("/blueprints/atelier", {}, { blueprint_open: () => atelier(), blueprint_draft_check: () => fine });
    await userEvent.click(page.getByRole("button", { name: "schema.sql" }));
    await type("-- before{Enter}");
    await userEvent.click(page.getByRole("button", { name: /^Svenska/ }));
    await userEvent.click(page.getByRole("menuitemradio", { name: "English" }));
    await userEvent.click(page.getByRole("textbox", { name: "The text of schema.sql" }));
    await userEvent.keyboard("-- after{Enter}");
    await expect.element(page.getByText("-- before")).toBeVisible();
    await expect.element(page.getByText("-- after")).toBeVisible();
    await userEvent.click(page.getByRole("button", { name: "Review and save…" }));
    await expect.element(page.getByRole("dialog").getByText("-- before")).toBeVisible();
  });

  it("asks before changes are lost", async () => {
    const { history } = await open("/blueprints/atelier", {}, { blueprint_open: () => atelier(), blueprint_draft_check: () => fine });
    await userEvent.click(page.getByRole("button", { name: "schema.sql" }));
    await type("-- mine{Enter}");
    await userEvent.click(page.getByRole("link", { name: "Mallar" }));
    await expect.element(page.getByRole("dialog", { name: "Lämna utan att spara?" })).toBeVisible();
    await userEvent.click(page.getByRole("button", { name: "Stanna kvar" }));
    expect(history.location.pathname).toBe("/blueprints/atelier");
    await expect.element(page.getByText("-- mine")).toBeVisible();
  });

  it("asks before changes are lost to the copy that is opened", async () => {
    const { history } = await open("/blueprints/atelier", {}, {
      blueprint_open: ({ name }) => atelier({ name }),
      blueprint_draft_check: () => fine,
      blueprint_copy: ({ name }) => atelier({ name }),
    });
    await userEvent.click(page.getByRole("button", { name: "schema.sql" }));
    await type("-- mine{Enter}");
    await userEvent.click(page.getByRole("button", { name: "Kopiera…" }));
    await userEvent.fill(page.getByRole("dialog").getByLabelText("Namn"), "verkstad");
    await userEvent.click(page.getByRole("button", { name: "Kopiera och öppna" }));
    await expect.element(page.getByRole("dialog", { name: "Lämna utan att spara?" })).toBeVisible();
    expect(history.location.pathname).toBe("/blueprints/atelier");
    await userEvent.click(page.getByRole("button", { name: "Lämna", exact: true }));
    await expect.poll(() => history.location.pathname).toBe("/blueprints/verkstad");
  });

  it("gets files, and loses some, with names that stay in the folder", async () => {
    const { port } = await open("/blueprints/atelier", {}, {
      blueprint_open: () => atelier(),
      blueprint_draft_check: () => fine,
      blueprint_save: ({ files: saved }) => atelier({ hash: "h2", files: saved }),
    });
    await userEvent.click(page.getByRole("button", { name: "Ny fil" }));
    const path = page.getByRole("dialog").getByLabelText("Sökväg i mallen");
    await userEvent.fill(path, "../x.sql");
    await expect.element(page.getByRole("button", { name: "Lägg till" })).toBeDisabled();
    for (const [wrong, words] of [
      ["x.", "Bokstäver, siffror, bindestreck och punkt, med / mellan mappar"],
      ["x".repeat(300), "Sökvägen är för lång"],
      ["SCHEMA.sql", "En annan fil eller mapp skiljer sig bara i stora och små bokstäver"],
      ["schema.sql/x", "En fil kan inte också vara en mapp"],
    ] as const) {
      await userEvent.fill(path, wrong);
      await expect.element(page.getByRole("dialog").getByText(words)).toBeVisible();
      await expect.element(page.getByRole("button", { name: "Lägg till" })).toBeDisabled();
    }
    await userEvent.fill(path, "email/hej.sv.txt");
    await userEvent.click(page.getByRole("button", { name: "Lägg till" }));
    await userEvent.click(page.getByRole("button", { name: "schema.sql" }));
    await userEvent.click(page.getByRole("button", { name: "Ta bort filen" }));
    await userEvent.click(page.getByRole("dialog").getByRole("button", { name: "Ta bort filen" }));
    await userEvent.click(page.getByRole("button", { name: "Granska och spara…" }));
    await userEvent.click(page.getByRole("button", { name: "Spara som nästa version" }));
    await expect.poll(() => port.callsOf("blueprint_save")[0]?.files.map((file) => file.path)).toEqual(["blueprint.toml", "email/hej.sv.txt"]);
  });
});

describe("the checks beside the text", () => {
  const checks = () => page.getByRole("complementary", { name: "Kontroll" });
  const text = () => page.getByRole("region", { name: "blueprint.toml" });
  const box = (of: ReturnType<typeof checks>) => of.element().getBoundingClientRect();
  /** A blueprint with so many faults. */
  const opened = (count: number) =>
    open("/blueprints/atelier", {}, {
      blueprint_open: () => atelier(),
      blueprint_draft_check: () => ({
        ...fine,
        faults: Array.from({ length: count }, (_, place) => ({ file: "schema.sql", line: place + 1, message: `fel ${place + 1}`, hint: "Rätta det." })),
      }),
    });

  afterEach(() => page.viewport(1440, 900));

  it("has its name and its save button in a small window, and the rest in a menu", async () => {
    await page.viewport(720, 450);
    await open("/blueprints/atelier", {}, { blueprint_open: () => atelier(), blueprint_draft_check: () => fine });
    await userEvent.click(page.getByRole("button", { name: "schema.sql" }));
    await type("-- scraps");
    const save = page.getByRole("button", { name: "Granska och spara…" });
    await expect.element(save).toBeEnabled();
    await expect.poll(() => save.element().getBoundingClientRect().right).toBeLessThanOrEqual(720);
    await expect.poll(() => page.getByRole("heading", { level: 1 }).element().getBoundingClientRect().width).toBeGreaterThan(40);
    await userEvent.click(page.getByRole("button", { name: "Åtgärder", exact: true }));
    await userEvent.click(page.getByRole("menuitem", { name: "Släng ändringarna" }));
    await expect.element(save).toBeDisabled();
  });

  it("lie below it in a narrow window, as high as what they say", async () => {
    await page.viewport(1024, 640);
    await opened(0);
    await expect.element(page.getByText("Inget fel")).toBeVisible();
    await expect.poll(() => box(checks()).top - box(text()).bottom).toBeGreaterThanOrEqual(-1);
    await expect.poll(() => box(checks()).height, { message: "a line is all there is" }).toBeLessThan(48);
    expect(box(checks()).height).toBeGreaterThan(24);
    await expect.poll(() => box(checks()).bottom).toBeCloseTo(640, 0);
  });

  it("leave the text its room however much they say, and are scrolled", async () => {
    await page.viewport(1024, 640);
    await opened(40);
    await expect.element(page.getByText("fel 1", { exact: true })).toBeVisible();
    const part = () => box(checks()).height / (box(checks()).height + box(text()).height);
    await expect.poll(part).toBeGreaterThan(0.25);
    await expect.poll(part).toBeLessThan(0.31);
    const last = page.getByText("fel 40", { exact: true });
    expect(box(last).top).toBeGreaterThan(640);
    last.element().scrollIntoView();
    await expect.poll(() => box(last).bottom).toBeLessThanOrEqual(640);
  });

  it("stand to its right in a wide one", async () => {
    await opened(0);
    await expect.element(page.getByText("Inget fel")).toBeVisible();
    await expect.poll(() => box(checks()).left - box(text()).right).toBeGreaterThanOrEqual(-1);
    await expect.poll(() => box(checks()).width).toBeCloseTo(320, 0);
    await expect.poll(() => box(checks()).height - box(text()).height).toBeCloseTo(0, 0);
  });
});

it("a built-in one is read, and copied to be changed", async () => {
  const made = later<BlueprintContents>();
  const { port, history } = await open("/blueprints/factory", {}, {
    blueprint_open: ({ name }) => (name === "factory" ? atelier({ name, own: false }) : atelier()),
    blueprint_draft_check: () => fine,
    blueprint_copy: () => made.promise,
  });
  await expect.element(page.getByText("följer med Fabrik", { exact: false })).toBeVisible();
  await expect.element(page.getByRole("button", { name: "Granska och spara…" })).not.toBeInTheDocument();
  await userEvent.click(page.getByRole("button", { name: "Kopiera…" }));
  await userEvent.fill(page.getByRole("dialog").getByLabelText("Namn"), "atelier");
  await userEvent.click(page.getByRole("button", { name: "Kopiera och öppna" }));
  expect(port.callsOf("blueprint_copy")).toEqual([{ name: "atelier", from: "factory" }]);
  made.settle(atelier());
  await expect.poll(() => history.location.pathname).toBe("/blueprints/atelier");
});

it("where one can't be copied, what is wrong with it is told", async () => {
  const why = "blueprint.toml, line 41: there is no step supabas";
  await open("/blueprints/atelier", {}, {
    blueprint_open: () => atelier(),
    blueprint_draft_check: () => fine,
    blueprint_copy: () => refuse({ code: "blueprint_invalid", blueprint: "atelier", why }),
  });
  await userEvent.click(page.getByRole("button", { name: "Kopiera…" }));
  await userEvent.fill(page.getByRole("dialog").getByLabelText("Namn"), "verkstad");
  await userEvent.click(page.getByRole("button", { name: "Kopiera och öppna" }));
  await expect.element(page.getByRole("dialog").getByRole("alert").getByText(why)).toBeVisible();
});
