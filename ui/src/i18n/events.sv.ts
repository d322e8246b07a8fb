/** Svenska ord för det som händer i körningar och med kunder. */

import type { enEvents } from "./events.en";

/** Fälten som de heter i loggen. */
const FIELDS: Partial<Record<string, string>> = {
  name: "namn",
  subdomain: "subdomän",
  contact_email: "e-post",
  contact_name: "kontakt",
  status: "status",
  plan: "plan",
  blueprint: "mall",
  language: "språk",
  credits: "krediter",
  modules: "moduler",
  external_id: "externt id",
  production_url: "produktions-URL",
  github_repo_url: "GitHub-repo",
  supabase_project_ref: "projektreferens",
};

const fields = (words: Partial<Record<string, string>>) =>
  Object.keys(words)
    .map((field) => FIELDS[field] ?? field)
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
    problem: (why: string, words?: string) => (words === undefined ? why : `${why}: ${words}`),
  },
  waitsForStatus: (status: string) => `Väntar, status ${status}`,
  activity: {
    "customer.added": () => "Kunden skapades",
    "customer.imported": () => "Kunden importerades",
    "customer.edited": (words) => `Ändrades för hand: ${fields(words)}`,
    "customer.removed": () => "Kunden togs bort",
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
    "run.cancelled": (_, run) => `${run} avbröts`,
    "run.interrupted": (_, run) => `${run} avbröts mitt i`,
  } as (typeof enEvents)["activity"],
} satisfies typeof enEvents;
