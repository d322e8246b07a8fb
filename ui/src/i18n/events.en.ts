/** English words for what happens in runs and to customers. */

const facts = (words: Partial<Record<string, string>>) => Object.keys(words).join(", ");

export const enEvents = {
  log: {
    run: (state: string, reason?: string) => (reason === undefined ? `Run: ${state}` : `Run: ${state}, ${reason}`),
    step: (state: string) => state,
    looking: (name: string) => `Looking for ${name}`,
    creating: (name: string) => `Creating ${name}`,
    created: (id: string) => `Created, id ${id}`,
    adopted: (id: string) => `Was there and is ours, id ${id}`,
    notYet: (status: string, again: string) => `Status ${status}, asking again in ${again}`,
    settling: (atMost: string) => `The outcome is not known; looking for at most ${atMost}`,
    retrying: (why: string, again: string, attempt: number) => `${why}. Attempt ${attempt} in ${again}`,
    problem: (why: string, words?: string) => (words === undefined ? why : `${why}: ${words}`),
  },
  waitsForStatus: (status: string) => `Waiting, status ${status}`,
  activity: {
    "customer.added": () => "Customer created",
    "customer.imported": () => "Customer imported",
    "customer.edited": (words: Partial<Record<string, string>>) => `Changed by hand: ${facts(words)}`,
    "customer.removed": () => "Customer deleted",
    "run.started": (_: unknown, run: string) => `${run} started`,
    "run.resumed": (_: unknown, run: string) => `${run} resumed`,
    "run.queued": (_: unknown, run: string) => `${run} queued`,
    "run.running": (_: unknown, run: string) => `${run} under way`,
    "run.waiting": (_: unknown, run: string) => `${run} waits`,
    "run.undoing": (_: unknown, run: string) => `${run} is being undone`,
    "run.succeeded": (_: unknown, run: string) => `${run} done`,
    "run.failed": (_: unknown, run: string) => `${run} failed`,
    "run.rolled_back": (_: unknown, run: string) => `${run} undone`,
    "run.leftovers": (_: unknown, run: string) => `${run} undone, with leftovers`,
    "run.cancel_requested": (_: unknown, run: string) => `${run} is to be cancelled`,
    "run.cancelled": (_: unknown, run: string) => `${run} cancelled`,
    "run.interrupted": (_: unknown, run: string) => `${run} was interrupted`,
  } as Partial<Record<string, (words: Partial<Record<string, string>>, run: string) => string>>,
};
