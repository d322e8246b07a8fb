/** Svenska ord för det som händer i körningar och med kunder. */

import type { enEvents } from "./events.en";
import { fieldName } from "./fields";
import { svFields } from "./fields.sv";

const fields = (words: Partial<Record<string, string>>) =>
  Object.keys(words)
    .map((field) => fieldName(svFields, field))
    .join(", ");

export const svEvents = {
  log: {
    run: (state: string, reason?: string) =>
      reason === undefined ? `Körningen: ${state}` : `Körningen: ${state}, ${reason}`,
    step: (state: string) => state,
    looking: (name: string) => `Letar efter ${name}`,
    creating: (name: string) => `Skapar ${name}`,
    created: (id: string) => `Skapat, id ${id}`,
    adopted: (id: string) => `Fanns redan och är vårt, id ${id}`,
    notYet: (status: string, again: string) => `Status ${status}, frågar igen om ${again}`,
    settling: (atMost: string) => `Utfallet är okänt; letar i högst ${atMost}`,
    retrying: (why: string, again: string, attempt: number) => `${why}. Försök ${attempt} om ${again}`,
    throttled: (vendor: string, moment: string) => `${vendor} ber Fabrik vänta till ${moment}`,
    removing: (name: string) => `Tar bort ${name}`,
    removed: (name: string, within?: string) => (within === undefined ? `${name} är borta` : `${name} följde med ${within}`),
    notThere: (name: string) => `${name} skapades aldrig`,
    leftOver: (name: string, why: string) => `${name} kunde inte tas bort. ${why}`,
    adoptedByOwner: (id: string) => `Du beslutade: id ${id} är kundens`,
    newByOwner: () => "Du beslutade: ingen av dem är kundens, en ny skapas",
    problem: (why: string, words?: string) => (words === undefined ? why : `${why}: ${words}`),
  },
  otherActivity: (action: string) => `Något hände: ${action}`,
  waitsUntil: (moment: string) => `Väntar till ${moment}`,
  waitsForStatus: (status: string) => `Väntar, status ${status}`,
  activity: {
    "customer.added": () => "Kunden skapades",
    "customer.imported": () => "Kunden importerades",
    "customer.edited": (words) => `Ändrades för hand: ${fields(words)}`,
    "customer.followed": (words) => `Ändrades som i byråns egen tabell: ${fields(words)}`,
    "customer.removed": () => "Kunden togs bort",
    "members.importing": (words) => `Medlemmar importeras: ${words.adding ?? ""} nya från ${words.file ?? ""}`,
    "members.imported": (words) => `Medlemmar importerades: ${words.added ?? ""} nya av ${words.rows ?? ""} i ${words.file ?? ""}`,
    "request.approved": () => "Förfrågan godkändes och kunden skapades",
    "request.archived": () => "Den avslutade prenumerationen arkiverades utan beslut",
    "request.restored": () => "Den avslutade prenumerationen öppnades igen",
    "subscription.settled": () => "Den avslutade prenumerationen hanterades",
    "source.run_written": (words, run) => `${run} skrevs till ${words.table ?? ""}`,
    "source.decision_written": (words) => `Godkännandet skrevs till ${words.table ?? ""}`,
    "source.run_left": (words, run) => `${run}: ${words.table ?? ""} behåller vad byrån har skrivit där sedan dess`,
    "source.decision_left": (words) => `Beslutet: ${words.table ?? ""} behåller vad byrån har skrivit där sedan dess`,
    "source.row_missing": (words, run) => `${run}: ingen rad för den i ${words.table ?? ""}`,
    "run.started": (_, run) => `${run} startades`,
    "run.resumed": (_, run) => `${run} återupptogs`,
    "run.queued": (_, run) => `${run} ställdes i kö`,
    "run.running": (_, run) => `${run} pågår`,
    "run.waiting": (_, run) => `${run} väntar`,
    "run.undoing": (_, run) => `${run} ångras`,
    "run.succeeded": (_, run) => `${run} blev klar`,
    "run.failed": (_, run) => `${run} misslyckades`,
    "run.rolled_back": (_, run) => `${run} ångrades`,
    "run.leftovers": (_, run) => `${run} ångrades, med rester`,
    "run.cancel_requested": (_, run) => `${run} ska avbrytas`,
    "run.resume_requested": (_, run) => `${run} ska återupptas`,
    "run.rollback_requested": (_, run) => `${run} ska ångras`,
    "run.decided": (_, run) => `${run}: en fråga besvarades`,
    "run.cancelled": (_, run) => `${run} avbröts`,
    "run.interrupted": (_, run) => `${run} avbröts oväntat`,
    "owner.told": (_, run) => `Ägaren fick mejl om ${run.toLowerCase()}`,
    "owner.not_told": (_, run) => `Mejlet till ägaren om ${run.toLowerCase()} gick inte fram`,
    "welcome.asked_again": (words) => `Välkomstmejlet begärdes igen till ${words.to ?? ""}`,
    "welcome.sent_again": (words) => `Välkomstmejlet skickades igen till ${words.to ?? ""}`,
    "welcome.not_sent": (words) => `Välkomstmejlet till ${words.to ?? ""} gick inte fram`,
    "customer.database_url_imported": () => "Databas-URL importerad, finns i nyckelringen",
  } as (typeof enEvents)["activity"],
  removalActivity: {
    "run.started": (run) => `${run} började ta bort instansen`,
    "run.undoing": (run) => `${run} tar bort instansen`,
    "run.succeeded": (run) => `Instansen togs bort, ${run.toLowerCase()}`,
    "run.leftovers": (run) => `Instansen togs bort, med rester, ${run.toLowerCase()}`,
  } as (typeof enEvents)["removalActivity"],
} satisfies typeof enEvents;
