/** A value once it has been painted: what is drawn after what one waits for goes by it. */

import { useEffect, useState } from "react";

export function usePainted<Value>(value: Value): Value {
  const [painted, setPainted] = useState(value);
  useEffect(() => {
    // A window that is hidden paints nothing.
    if (document.hidden) {
      setPainted(value);
      return undefined;
    }
    let after: ReturnType<typeof setTimeout>;
    // A frame's own callbacks come before its paint, what they put off comes after it.
    const frame = requestAnimationFrame(() => {
      after = setTimeout(() => setPainted(value));
    });
    return () => {
      cancelAnimationFrame(frame);
      clearTimeout(after);
    };
  }, [value]);
  return painted;
}
