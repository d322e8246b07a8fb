/** A value that has rested: what is typed is not asked about at each letter. */

import { useEffect, useRef, useState } from "react";

/** `atOnce`: a change after a rest is not awaited, only what follows it. */
export function useDebounced<Value>(value: Value, restMs: number, atOnce = false): Value {
  const [rested, setRested] = useState(value);
  const changed = useRef(Number.NEGATIVE_INFINITY);
  useEffect(() => {
    const before = changed.current;
    changed.current = performance.now();
    if (atOnce && changed.current - before >= restMs) {
      setRested(value);
      return undefined;
    }
    const timer = setTimeout(() => setRested(value), restMs);
    return () => clearTimeout(timer);
  }, [value, restMs, atOnce]);
  return rested;
}
