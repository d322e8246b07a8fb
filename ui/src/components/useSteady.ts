/** A function that stays the same one and does as the newest: what it is handed to is not drawn anew for it. */

import { useCallback, useLayoutEffect, useRef } from "react";

export function useSteady<Args extends unknown[], Result>(act: (...args: Args) => Result): (...args: Args) => Result {
  const newest = useRef(act);
  useLayoutEffect(() => {
    newest.current = act;
  });
  return useCallback((...args: Args) => newest.current(...args), []);
}
