/** No message without a reader. */

import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

import { en } from "@/i18n/en";
import { enEvents } from "@/i18n/events.en";
import { svEvents } from "@/i18n/events.sv";
import { sv } from "@/i18n/sv";

const src = fileURLToPath(new URL("../../src", import.meta.url));
const text = readdirSync(src, { recursive: true, encoding: "utf8" })
  .filter((name) => /\.tsx?$/.test(name) && !name.startsWith("i18n"))
  .map((name) => readFileSync(path.join(src, name), "utf8"))
  .join("\n");

/** Where a message stands: `run.cancel`, `runState.queued`. */
function* paths(messages: object, above: readonly string[] = []): Generator<string[]> {
  for (const [name, value] of Object.entries(messages)) {
    const here = [...above, name];
    if (typeof value === "object" && value !== null) yield* paths(value as object, here);
    else yield here;
  }
}

/** Named with what it stands in, or read with all of that. */
function isRead(steps: readonly string[]): boolean {
  const [last = "", above = "t"] = steps.toReversed();
  if (text.includes(`${above}.${last}`)) return true;
  return steps.some((_, place) => {
    const whole = steps.slice(0, place).join("\\.");
    return place > 0 && new RegExp(`(?<!\\} = |\\w)t\\.${whole}(?![.\\w])`).test(text);
  });
}

it("every message is read somewhere", () => {
  expect(isRead(["customers", "shown"])).toBe(false);
  const unread = [...paths(en)].filter((steps) => !isRead(steps));
  expect(unread.map((steps) => steps.join("."))).toEqual([]);
});

it("the languages tell of the same happenings", () => {
  expect(Object.keys(svEvents.activity).sort()).toEqual(Object.keys(enEvents.activity).sort());
  expect(Object.keys(svEvents.removalActivity).sort()).toEqual(Object.keys(enEvents.removalActivity).sort());
});

it("what a customer's log says has words, fields too, in both languages", () => {
  for (const events of [svEvents, enEvents]) {
    expect(events.activity["customer.database_url_imported"]?.({}, "")).not.toMatch(/_/);
    expect(events.activity["customer.edited"]?.({ github_repo_url: "x", supabase_project_ref: "y", contact_email: "z" }, "")).not.toMatch(/_/);
  }
});

it("going back is called what the glossary calls it, in both languages", () => {
  expect([en.run.rollBack, sv.run.rollBack]).toEqual(["Undo all", "Ångra allt"]);
  expect([en.onFailure.choices.rollback, sv.onFailure.choices.rollback]).toEqual(["undo all", "ångra allt"]);
  const folder = (name: string) => path.join(src, name);
  for (const name of [...readdirSync(folder("i18n")).map((file) => `i18n/${file}`), "errors/texts.en.ts"]) {
    // The commands and their fields are called so; what people read is not.
    const words = [...readFileSync(folder(name), "utf8").matchAll(/"[^"\n]*"|`[^`\n]*`/g)].map(([text]) => text);
    expect(words.filter((text) => /\s/.test(text) && /\broll(s|ed|ing)?\b[^"`]*\bback\b|\brollback\b/i.test(text)), name).toEqual([]);
  }
});
