/** A text with its line numbers and colours. Tab goes on to the next control: nobody is caught in it. */

import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { bracketMatching, indentOnInput } from "@codemirror/language";
import { EditorState, type Extension, Text } from "@codemirror/state";
import { EditorView, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers } from "@codemirror/view";
import { useEffect, useRef } from "react";

import { languageOf, LOOK } from "./codeLook";
import { endsAfter, endsOf, linesOf, usualEnd, withEnds } from "./lineEnds";

interface CodeEditorProps {
  path: string;
  text: string;
  readOnly: boolean;
  label: string;
  /** From 1: where the cursor is put, each time that it changes. */
  at: { line: number } | undefined;
  onChange(text: string): void;
}

function setup(path: string, label: string): Extension {
  return [
    lineNumbers(),
    history(),
    bracketMatching(),
    indentOnInput(),
    highlightActiveLine(),
    highlightActiveLineGutter(),
    keymap.of([...defaultKeymap, ...historyKeymap]),
    EditorView.lineWrapping,
    // Editable text has the focus by itself; what looks at the page from outside knows it by its place in the order.
    EditorView.contentAttributes.of({ "aria-label": label, tabindex: "0" }),
    languageOf(path),
    LOOK,
  ];
}

export function CodeEditor({ path, text, readOnly, label, at, onChange }: CodeEditorProps) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(undefined);
  const changed = useRef(onChange);
  changed.current = onChange;
  // What it opens with; then what was typed: in another language it is made anew.
  const latest = useRef(text);
  useEffect(() => {
    if (host.current === null) return;
    const doc = Text.of(linesOf(latest.current));
    const openedEnds = endsOf(latest.current);
    const usual = usualEnd(openedEnds);
    let ends = openedEnds;
    const editor = new EditorView({
      parent: host.current,
      state: EditorState.create({
        doc,
        extensions: [
          setup(path, label),
          EditorState.readOnly.of(readOnly),
          EditorView.updateListener.of((update) => {
            if (!update.docChanged) return;
            // Lines that were taken away and put back end as they did: the file is not changed then.
            ends = update.state.doc.eq(doc) ? openedEnds : endsAfter(ends, usual, update.startState.doc, update.changes);
            latest.current = withEnds(update.state.doc, ends);
            changed.current(latest.current);
          }),
        ],
      }),
    });
    view.current = editor;
    return () => editor.destroy();
  }, [path, label, readOnly]);
  useEffect(() => {
    const editor = view.current;
    if (editor === undefined || at === undefined) return;
    const line = editor.state.doc.line(Math.min(Math.max(at.line, 1), editor.state.doc.lines));
    editor.dispatch({ selection: { anchor: line.from }, effects: EditorView.scrollIntoView(line.from, { y: "center" }) });
    editor.focus();
  }, [at]);
  return <div ref={host} className="h-full min-h-0 overflow-auto bg-surface" />;
}
