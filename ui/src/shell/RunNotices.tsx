/** Tells of runs that end: in a message, and as a notification of the system for whoever has the window behind others.
 * Many in a moment are one message. */

import { useLocation, useRouter } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";

import { usePort } from "@/backend/BackendProvider";
import type { RunId, RunState } from "@/backend/bindings";
import { gather, type Gathering } from "@/backend/gather";
import type { Port } from "@/backend/port";
import { useOverview } from "@/backend/queries";
import { isLive } from "@/backend/runStates";
import { useToaster } from "@/components/Toast";
import { useI18n } from "@/i18n/I18nProvider";

import { addressOf, type Ended, pageOf, stoppedSince, wayOf, wordsOf, worstOf } from "./endedRuns";

/** How long runs that end are gathered for one message. */
const GATHER_MS = 1500;
/** How long they are for a notification, and how far apart those are: hundreds of runs are a handful. */
const NOTIFY_MS = 2000;
const BREATH_MS = 60_000;

/** Gathers for as long as this is on the screen. */
function useGathered<One>(give: (gathered: readonly One[]) => void, whileMs: number, breathMs?: number): Gathering<One> {
  const latest = useRef(give);
  useEffect(() => {
    latest.current = give;
  });
  const [gathering] = useState(() => gather<One>(whileMs, (gathered) => latest.current(gathered), breathMs));
  useEffect(() => gathering.stop, [gathering]);
  return gathering;
}

/** How they ended. One after another: they may be hundreds. */
async function readEnded(port: Port, runs: readonly RunId[]): Promise<Ended[]> {
  const ended: Ended[] = [];
  // One that stopped twice meanwhile is one.
  for (const id of new Set(runs)) {
    // It may also have gone from the list because it can't be read just now, or while it goes on: then nothing is said.
    const detail = await port.call("run_get", { run: id }).catch(() => undefined);
    if (detail !== undefined && !isLive(detail.run.state)) ended.push({ id, run: detail.run, customer: detail.customer.name });
  }
  return ended;
}

/** Calls for the runs of this workspace that end, a moment's together. */
function useEndedHere(tell: (ended: readonly Ended[]) => void) {
  const port = usePort();
  const { data: overview } = useOverview();
  const known = useRef<ReadonlyMap<RunId, RunState>>(new Map());
  const { add } = useGathered<RunId>((runs) => void readEnded(port, runs).then(tell), GATHER_MS);
  useEffect(() => {
    if (overview === undefined) return;
    for (const run of stoppedSince(known.current, overview.active_runs)) add(run);
    known.current = new Map(overview.active_runs.map((run) => [run.run, run.state]));
  }, [overview, add]);
}

/** Calls for those that this process drives on in workspaces that were left. */
function useEndedElsewhere(tell: (ended: readonly Ended[]) => void) {
  const { shell } = usePort();
  const open = useOverview().data?.workspace;
  const { add } = useGathered<Ended>(tell, GATHER_MS);
  // A workspace that was left twice is told of twice.
  const heard = useRef(new Set<string>());
  useEffect(
    () =>
      shell?.onElsewhere(({ workspace, customer, run }) => {
        const key = `${run.id} ${run.state}`;
        // What is open again is told of here.
        if (workspace === open || isLive(run.state) || heard.current.has(key)) return;
        heard.current.add(key);
        add({ id: run.id, run, customer, workspace });
      }),
    [shell, open, add],
  );
}

/** One that was interrupted here is offered for resuming, in a bar of its own; one that waits asks on its page, where that is
 * open. An end is a message there too: the press on Provision led there, and the page may be scrolled far from its head. */
const isSaidElsewhere = ({ id, run, workspace }: Ended, path: string) =>
  workspace === undefined && (run.state === "interrupted" || (run.state === "waiting" && path === pageOf(id)));

/** Says it in one message: what comes while it is on the screen is counted in. */
function useRunNews() {
  const { history } = useRouter();
  const path = useLocation({ select: ({ pathname }) => pathname });
  const toaster = useToaster();
  const told = useRef<readonly Ended[]>([]);
  return (ended: readonly Ended[]) => {
    const untold = ended.filter((one) => !isSaidElsewhere(one, path));
    if (untold.length === 0) return;
    const again = new Set(untold.map(({ id }) => id));
    const all = [...told.current.filter(({ id }) => !again.has(id)), ...untold];
    told.current = all;
    const look = worstOf(all);
    const address = addressOf(all);
    // What went well needs nothing, and what is on the screen needs no way there: it goes by itself.
    const leads = (look === "error" || look === "needs") && address !== path;
    toaster.news("runs", {
      title: (i18n) => wordsOf(all, i18n).title,
      text: (i18n) => wordsOf(all, i18n).text,
      look,
      action: leads ? { label: (i18n) => wayOf(all, i18n), perform: () => history.push(address) } : undefined,
      onClose: () => {
        told.current = [];
      },
    });
  };
}

export function RunNotices() {
  const i18n = useI18n();
  const { shell } = usePort();
  const { history } = useRouter();
  const news = useRunNews();
  const notify = useGathered<Ended>(
    // Where the system can't be told, the message in the window has said it.
    (ended) => void shell?.notify({ ...wordsOf(ended, i18n), about: addressOf(ended) }).catch(() => undefined),
    NOTIFY_MS,
    BREATH_MS,
  );
  useEffect(() => shell?.onNotice((address) => history.push(address)), [shell, history]);
  const tell = (ended: readonly Ended[]) => {
    news(ended);
    for (const one of ended) notify.add(one);
  };
  useEndedHere(tell);
  useEndedElsewhere(tell);
  return null;
}
