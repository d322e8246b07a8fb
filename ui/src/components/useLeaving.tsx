/** Asks before what was typed in a page is lost. */

import { useBlocker } from "@tanstack/react-router";
import { createContext, type KeyboardEvent, type RefObject, useContext, useEffect, useState } from "react";

import { isComposing } from "./composing";
import { Leaving } from "./Dialog";

interface Unsaved {
  /** How many hold what was typed. */
  count: RefObject<number>;
  /** It was said that it may go. */
  isLetGo: boolean;
}

/** What was typed below, for who takes the whole window away, by no address: they ask themselves. */
export const UnsavedBelow = createContext<Unsaved>({ count: { current: 0 }, isLetGo: false });

/** Counts what was typed with the rest; whether it is asked about before an address leads away from it. */
export function useUnsaved(unsaved: boolean): boolean {
  const { count, isLetGo } = useContext(UnsavedBelow);
  useEffect(() => {
    if (!unsaved) return undefined;
    count.current += 1;
    return () => {
      count.current -= 1;
    };
  }, [count, unsaved]);
  return unsaved && !isLetGo;
}

/** `onClose`: what Escape in a field closes, where the page has something to close. */
export function useLeaving(unsaved: boolean, onClose?: () => void) {
  const [closing, setClosing] = useState(false);
  const isAsked = useUnsaved(unsaved);
  const leaving = useBlocker({ shouldBlockFn: () => isAsked, enableBeforeUnload: () => isAsked, withResolver: true });
  const isLeaving = leaving.status === "blocked";
  return {
    onKeyDown(event: KeyboardEvent) {
      if (event.key !== "Escape" || isComposing(event.nativeEvent) || onClose === undefined) return;
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
