/** What the house's rules say of the sources, held against every file. */

import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseSync } from "vite";
import { describe, expect, it } from "vitest";

const ui = fileURLToPath(new URL("../..", import.meta.url));
const src = path.join(ui, "src");
const files = readdirSync(src, { recursive: true, encoding: "utf8" })
  .filter((name) => /\.tsx?$/.test(name))
  .map((name) => ({ name: name.replaceAll("\\", "/"), text: readFileSync(path.join(src, name), "utf8") }));

/** What a file imports, as paths under `src` or names of packages. */
function importsOf({ name, text }: { name: string; text: string }): string[] {
  return [...text.matchAll(/from "([^"]+)"|import "([^"]+)"/g)].map(([, from, bare]) => {
    const given = from ?? bare ?? "";
    if (given.startsWith("@/")) return given.slice(2);
    return given.startsWith(".") ? path.posix.join(path.posix.dirname(name), given) : given;
  });
}

/** The folder a path belongs to; a feature is a folder of its own. */
function layerOf(name: string): string {
  const [first = "", second = ""] = name.split("/");
  return first === "features" ? `features/${second}` : first;
}

/** Keys are one registry for all, and so is what a page offers the palette: the features may name them. */
const REGISTRIES = ["shell/shortcuts", "shell/ShortcutProvider", "shell/ShortcutHelp", "shell/ShortcutHint", "shell/PageActs"];

/** What each layer may import besides itself. */
const MAY: Record<string, readonly string[]> = {
  backend: [],
  i18n: ["backend"],
  components: ["backend", "i18n"],
  errors: ["backend", "i18n", "components"],
  shell: ["backend", "i18n", "components", "errors"],
  features: ["backend", "i18n", "components", "errors"],
};

describe("layers", () => {
  it.each(files.filter(({ name }) => name.includes("/")))("$name imports only what it may", (file) => {
    const layer = layerOf(file.name);
    const may = MAY[layer.split("/")[0] ?? ""] ?? [];
    const wrong = importsOf(file).filter((name) => {
      const target = layerOf(name);
      const isLayer = MAY[target.split("/")[0] ?? ""] !== undefined;
      if (target === layer || !isLayer) return false;
      if (REGISTRIES.includes(name) && layer.startsWith("features")) return false;
      return !may.includes(target);
    });
    expect(wrong).toEqual([]);
  });

  it("only the backend knows the desktop shell", () => {
    const wrong = files.filter((file) => layerOf(file.name) !== "backend" && importsOf(file).some((name) => name.startsWith("@tauri-apps/")));
    expect(wrong.map(({ name }) => name)).toEqual([]);
  });

  it("a type's name is one type's, but for what two features call their own", () => {
    const layers = new Map<string, string[]>();
    for (const { name, text } of files) {
      for (const [, type = ""] of text.matchAll(/^export (?:interface|type) (\w+)/gm)) layers.set(type, [...(layers.get(type) ?? []), layerOf(name)]);
    }
    const isOwn = (of: readonly string[]) => new Set(of).size === of.length && of.every((layer) => layer.startsWith("features/"));
    expect([...layers].filter(([, of]) => of.length > 1 && !isOwn(of))).toEqual([]);
  });

  it("nothing of the tests is in the product", () => {
    const wrong = files.filter((file) => importsOf(file).some((name) => name.startsWith("../test") || name.startsWith("test/")));
    expect(wrong.map(({ name }) => name)).toEqual([]);
  });
});

interface Node {
  type: string;
  [key: string]: unknown;
}

function* walk(value: unknown): Generator<Node> {
  if (Array.isArray(value)) for (const one of value) yield* walk(one);
  else if (typeof value === "object" && value !== null) {
    if ("type" in value && typeof value.type === "string") yield value as Node;
    for (const one of Object.values(value)) yield* walk(one);
  }
}

/** Attributes that people read or hear. */
const READ = new Set(["aria-label", "title", "placeholder", "alt", "label", "text", "description", "word"]);
const LETTERS = /\p{L}{2}/u;

function literalsOf(name: string, text: string): string[] {
  const found: string[] = [];
  for (const node of walk(parseSync(name, text, { lang: "tsx" }).program)) {
    if (node.type === "JSXText" && LETTERS.test(String(node.value))) found.push(String(node.value).trim());
    if (node.type === "JSXAttribute") {
      const attribute = node as unknown as { name: { name: string }; value: { type: string; value: unknown } | null };
      const { value } = attribute;
      if (READ.has(attribute.name.name) && value?.type === "Literal" && LETTERS.test(String(value.value))) found.push(String(value.value));
    }
  }
  return found;
}

describe("words", () => {
  it("finds a stray literal", () => {
    expect(literalsOf("x.tsx", "const x = <p aria-label=\"Close\">Hello {name}</p>;")).toEqual(["Close", "Hello"]);
  });

  it.each(files.filter(({ name }) => name.endsWith(".tsx")))("$name has its words from the catalogues", ({ name, text }) => {
    expect(literalsOf(name, text)).toEqual([]);
  });
});

describe("what is shipped", () => {
  it("says nothing of where its packages came from", () => {
    const lock = readFileSync(path.join(ui, "package-lock.json"), "utf8");
    expect(lock).not.toMatch(/"resolved"|https?:\/\/(?!opencollective|github|tidelift|paulmillr|www\.patreon|feross)[\w.]*regist/);
  });

  it("has the icon of the app as its page's", () => {
    const icon = readFileSync(path.join(ui, "../icons/icon.svg"), "utf8");
    expect(readFileSync(path.join(ui, "src/favicon.svg"), "utf8"), "scripts/icons makes it").toBe(icon);
  });

  it("runs under a policy without inline scripts, inline styles and evaluation", () => {
    const page = readFileSync(path.join(ui, "index.html"), "utf8");
    // One style element, with nothing in it: it brings the nonce.
    expect(page.split("<style></style>").length).toBe(2);
    expect(page.replace("<style></style>", "")).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=/);
    for (const { name, text } of files) expect(text, name).not.toMatch(/\beval\(|new Function\(|dangerouslySetInnerHTML/);
  });
});
