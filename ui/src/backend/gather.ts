/** Gathers what comes in a moment, and gives it on together. */

export interface Gathering<One> {
  add(one: One): void;
  /** Gives on no more of what was gathered until something is added. */
  stop(): void;
}

/** Gives on what came within `whileMs` of the first, but not before `breathMs` have passed since the last time. */
export function gather<One>(whileMs: number, give: (gathered: readonly One[]) => void, breathMs = 0): Gathering<One> {
  let gathered: One[] = [];
  // By a clock that nobody sets back.
  let given = Number.NEGATIVE_INFINITY;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flush = () => {
    timer = undefined;
    given = performance.now();
    const all = gathered;
    gathered = [];
    give(all);
  };
  return {
    add(one) {
      gathered.push(one);
      timer ??= setTimeout(flush, Math.max(whileMs, given + breathMs - performance.now()));
    },
    stop() {
      clearTimeout(timer);
      timer = undefined;
    },
  };
}
