/** Gathers what comes in a moment, and gives it on together. */

export interface Gathering<One> {
  add(one: One): void;
  /** Gives on no more of what was gathered until something is added. */
  stop(): void;
}

/** Gives on what came within `whileMs` of the first. */
export function gather<One>(whileMs: number, give: (gathered: readonly One[]) => void): Gathering<One> {
  let gathered: One[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flush = () => {
    timer = undefined;
    const all = gathered;
    gathered = [];
    give(all);
  };
  return {
    add(one) {
      gathered.push(one);
      timer ??= setTimeout(flush, whileMs);
    },
    stop() {
      clearTimeout(timer);
      timer = undefined;
    },
  };
}
