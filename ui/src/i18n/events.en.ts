/** English words for what happens in runs and to customers. */

import { fieldName } from "./fields";
import { enFields } from "./fields.en";

const fields = (words: Partial<Record<string, string>>) =>
  Object.keys(words)
    .map((field) => fieldName(enFields, field))
    .join(", ");

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
    /** What comes after is a countdown. */
    throttled: (vendor: string, moment: string) => `${vendor} asks Fabrik to wait until ${moment}`,
    removing: (name: string) => `Removing ${name}`,
    removed: (name: string, within?: string) => (within === undefined ? `${name} is gone` : `${name} went with ${within}`),
    notThere: (name: string) => `${name} was never created`,
    leftOver: (name: string, why: string) => `${name} couldn't be removed. ${why}`,
    adoptedByOwner: (id: string) => `You decided: id ${id} is the customer's`,
    newByOwner: () => "You decided that none of them is the customer's; a new one is created",
    problem: (why: string, words?: string) => (words === undefined ? why : `${why}: ${words}`),
  },
  /** An action that has no words here is still told, with the log's own name for it. */
  otherActivity: (action: string) => `Something happened: ${action}`,
  waitsUntil: (moment: string) => `Waits until ${moment}`,
  waitsForStatus: (status: string) => `Waiting, status ${status}`,
  activity: {
    "customer.added": () => "Customer created",
    "customer.imported": () => "Customer imported",
    "customer.edited": (words: Partial<Record<string, string>>) => `Changed by hand: ${fields(words)}`,
    "customer.followed": (words: Partial<Record<string, string>>) => `Changed as in the agency's own table: ${fields(words)}`,
    "customer.removed": () => "Customer deleted",
    "members.importing": (words: Partial<Record<string, string>>) => `Members are being imported: ${words.adding ?? ""} new from ${words.file ?? ""}`,
    "members.imported": (words: Partial<Record<string, string>>) => `Members imported: ${words.added ?? ""} new of ${words.rows ?? ""} in ${words.file ?? ""}`,
    "request.approved": () => "The request was approved, and the customer created",
    "request.archived": () => "The end of the subscription was archived undecided",
    "request.restored": () => "The end of the subscription was opened again",
    "subscription.settled": () => "The ended subscription was handled",
    "source.run_written": (words: Partial<Record<string, string>>, run: string) => `${run} written to ${words.table ?? ""}`,
    "source.decision_written": (words: Partial<Record<string, string>>) => `The approval was written to ${words.table ?? ""}`,
    "source.run_left": (words: Partial<Record<string, string>>, run: string) => `${run}: ${words.table ?? ""} keeps what the agency has written there since`,
    "source.decision_left": (words: Partial<Record<string, string>>) => `The decision: ${words.table ?? ""} keeps what the agency has written there since`,
    "source.row_missing": (words: Partial<Record<string, string>>, run: string) => `${run}: no row for it in ${words.table ?? ""}`,
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
    "run.resume_requested": (_: unknown, run: string) => `${run} will continue`,
    "run.rollback_requested": (_: unknown, run: string) => `${run} is to be undone`,
    "run.decided": (_: unknown, run: string) => `${run}: a question was answered`,
    "run.cancelled": (_: unknown, run: string) => `${run} cancelled`,
    "run.interrupted": (_: unknown, run: string) => `${run} was interrupted`,
    "owner.told": (_: unknown, run: string) => `The owner was e-mailed about ${run.toLowerCase()}`,
    "owner.not_told": (_: unknown, run: string) => `The e-mail to the owner about ${run.toLowerCase()} was not sent`,
    "welcome.asked_again": (words: Partial<Record<string, string>>) => `Welcome e-mail asked for again, to ${words.to ?? ""}`,
    "welcome.sent_again": (words: Partial<Record<string, string>>) => `Welcome e-mail sent again, to ${words.to ?? ""}`,
    "welcome.not_sent": (words: Partial<Record<string, string>>) => `The welcome e-mail to ${words.to ?? ""} was not sent`,
    "customer.database_url_imported": () => "Database URL imported, kept in the keyring",
  } as Partial<Record<string, (words: Partial<Record<string, string>>, run: string) => string>>,
  /** The same of a run that removes the instance. */
  removalActivity: {
    "run.started": (run: string) => `${run} began to remove the instance`,
    "run.undoing": (run: string) => `${run} removes the instance`,
    "run.succeeded": (run: string) => `The instance was removed, ${run.toLowerCase()}`,
    "run.leftovers": (run: string) => `The instance was removed, with leftovers, ${run.toLowerCase()}`,
  } as Partial<Record<string, (run: string) => string>>,
};
