/** Asks before what was typed in a page is lost. */

import { useBlocker } from "@tanstack/react-router";
import { createContext, type KeyboardEvent, type RefObject, useContext, useEffect, useState } from "react";

import { Leaving } from "./Dialog";

/** How many below hold what was typed, for a page that is left by another way than an address: it asks itself. */
export const UnsavedBelow = createContext<RefObject<number>>({ current: 0 });

/** `onClose`: what Escape in a field closes, where the page has something to close. */
export function useLeaving(unsaved: boolean, onClose?: () => void) {
  const [closing, setClosing] = useState(false);
  const leaving = useBlocker({ shouldBlockFn: () => unsaved, enableBeforeUnload: () => unsaved, withResolver: true });
  const isLeaving = leaving.status === "blocked";
  const below = useContext(UnsavedBelow);
  useEffect(() => {
    if (!unsaved) return undefined;
    below.current += 1;
    return () => {
      below.current -= 1;
    };
  }, [below, unsaved]);
  return {
    onKeyDown(event: KeyboardEvent) {
      if (event.key !== "Escape" || onClose === undefined) return;
      // The question opens in this very press, and would be closed by the rest of it.
      event.stopPropagation();
      if (unsaved) setClosing(true);
      else onClose();
    },
    question: (
      <Leaving
        open={closing || isLeaving}
        onStay={() => {
          setClosing(false);
          leaving.reset?.();
        }}
        onLeave={() => {
          if (isLeaving) leaving.proceed();
          else onClose?.();
        }}
      />
    ),
  };
}
