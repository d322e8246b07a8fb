/** Languages by a file's name, and their colours, which are the window's own. */

import { html } from "@codemirror/lang-html";
import { json } from "@codemirror/lang-json";
import { PostgreSQL, sql } from "@codemirror/lang-sql";
import { HighlightStyle, StreamLanguage, syntaxHighlighting } from "@codemirror/language";
import { toml } from "@codemirror/legacy-modes/mode/toml";
import type { Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

export function languageOf(path: string): Extension {
  switch (path.slice(path.lastIndexOf(".") + 1)) {
    case "sql":
      return sql({ dialect: PostgreSQL });
    case "toml":
      return StreamLanguage.define(toml);
    case "json":
      return json();
    case "html":
      return html();
    default:
      return [];
  }
}

const COLOURS = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword, tags.tagName, tags.heading], color: "var(--accent)" },
  { tag: [tags.string, tags.special(tags.string), tags.attributeValue], color: "var(--ok)" },
  { tag: [tags.number, tags.bool, tags.null, tags.atom], color: "var(--warn)" },
  { tag: [tags.propertyName, tags.attributeName, tags.typeName], color: "var(--info)" },
  { tag: [tags.comment, tags.meta], color: "var(--text-3)" },
]);

const FRAME = EditorView.theme({
  "&": { height: "100%", color: "var(--text)", backgroundColor: "var(--surface)", fontSize: "var(--text-mono)" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--font-mono)", lineHeight: "18px" },
  ".cm-content": { caretColor: "var(--text)", padding: "8px 0" },
  ".cm-line": { padding: "0 12px" },
  ".cm-gutters": { color: "var(--text-3)", backgroundColor: "var(--canvas)", borderRight: "1px solid var(--border)" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "var(--hover)" },
  ".cm-matchingBracket": { backgroundColor: "var(--info-bg)", outline: "1px solid var(--info)" },
  ".cm-changedLine, .cm-insertedLine": { backgroundColor: "var(--ok-bg)" },
  ".cm-deletedChunk": { backgroundColor: "var(--error-bg)" },
  ".cm-changedText, .cm-deletedText": { background: "none", fontWeight: "600" },
  ".cm-collapsedLines": { color: "var(--text-2)", background: "var(--canvas)" },
  // The marks that stand there are in no font of ours.
  ".cm-collapsedLines::before, .cm-collapsedLines::after": { content: "'…'" },
});

/** What lets the editor's style element through the page's policy; none where there is no policy. */
const NONCE = document.querySelector<HTMLStyleElement>("head > style")?.nonce ?? "";

export const LOOK: Extension = [FRAME, syntaxHighlighting(COLOURS), EditorView.cspNonce.of(NONCE)];
