/** Gives the focus back to the button that an editor in place was opened with: what had it goes along with the editor. */

import { type RefObject, useEffect, useRef } from "react";

/** The ref is the button's, which may be gone while the editor is open. Who has gone elsewhere meanwhile stays there. */
export function useFocusBack(open: boolean): RefObject<HTMLButtonElement | null> {
  const button = useRef<HTMLButtonElement>(null);
  const isOwed = useRef(false);
  // After every drawing: a button may be off until what was sent is answered, and takes no focus before that.
  useEffect(() => {
    if (open) {
      isOwed.current = true;
      return;
    }
    if (!isOwed.current) return;
    const { activeElement } = document;
    const isNowhere = activeElement === null || activeElement === document.body;
    if (isNowhere && button.current?.disabled !== false) return;
    isOwed.current = false;
    // A question that was asked over the editor gives the focus back as it goes: this comes after it.
    if (isNowhere) queueMicrotask(() => button.current?.focus());
  });
  return button;
}
