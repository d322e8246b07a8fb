/** What is new in a text, line by line; what stays the same is folded. */

import { unifiedMergeView } from "@codemirror/merge";
import { EditorState } from "@codemirror/state";
import { EditorView, lineNumbers } from "@codemirror/view";
import { useEffect, useRef } from "react";

import { useI18n } from "@/i18n/I18nProvider";

import { languageOf, LOOK } from "./codeLook";

export function TextDiff({ path, before, after }: { path: string; before: string; after: string }) {
  const { t } = useI18n();
  const host = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (host.current === null) return;
    const view = new EditorView({
      parent: host.current,
      state: EditorState.create({
        doc: after,
        extensions: [
          lineNumbers(),
          EditorView.lineWrapping,
          EditorState.readOnly.of(true),
          EditorView.editable.of(false),
          EditorView.contentAttributes.of({ "aria-label": path, tabindex: "0" }),
          EditorState.phrases.of({ "$ unchanged lines": t.blueprintEditor.unchangedLines }),
          unifiedMergeView({ original: before, mergeControls: false, gutter: true, collapseUnchanged: { margin: 3, minSize: 6 } }),
          languageOf(path),
          LOOK,
        ],
      }),
    });
    return () => view.destroy();
  }, [path, before, after, t]);
  return <div ref={host} className="max-h-80 overflow-auto rounded-control border border-border" />;
}
