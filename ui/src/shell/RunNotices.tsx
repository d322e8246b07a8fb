/** Tells of runs that end: in a message where their page isn't on the screen, and as a notification of the system for
 * whoever has the window behind others. Many in a moment are one message. */

import { useLocation, useNavigate } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";

import { usePort } from "@/backend/BackendProvider";
import type { RunId, RunState } from "@/backend/bindings";
import { gather } from "@/backend/gather";
import type { Port } from "@/backend/port";
import { useOverview } from "@/backend/queries";
import { useToaster } from "@/components/Toast";
import { useI18n } from "@/i18n/I18nProvider";

import { type Ended, isUnderWay, stoppedSince, wordsOf, worstOf } from "./endedRuns";

/** How long runs that end are gathered for one message. */
const GATHER_MS = 1500;

/** How they ended. One after another: they may be hundreds. */
async function readEnded(port: Port, runs: readonly RunId[]): Promise<Ended[]> {
  const ended: Ended[] = [];
  for (const id of runs) {
    // It may also have gone from the list because it can't be read just now: then nothing is said.
    const detail = await port.call("run_get", { run: id }).catch(() => undefined);
    if (detail !== undefined && !isUnderWay(detail.run.state)) ended.push({ id, run: detail.run, customer: detail.customer.name });
  }
  return ended;
}

/** Calls for the runs of this workspace that end, a moment's together. */
function useEnded(tell: (ended: readonly Ended[]) => void) {
  const port = usePort();
  const { data: overview } = useOverview();
  const known = useRef<ReadonlyMap<RunId, RunState>>(new Map());
  const latest = useRef(tell);
  useEffect(() => {
    latest.current = tell;
  });
  const [stopped] = useState(() =>
    gather<RunId>(GATHER_MS, (runs) => void readEnded(port, runs).then((ended) => ended.length > 0 && latest.current(ended))),
  );
  useEffect(() => stopped.stop, [stopped]);
  useEffect(() => {
    if (overview === undefined) return;
    for (const run of stoppedSince(known.current, overview.active_runs)) stopped.add(run);
    known.current = new Map(overview.active_runs.map((run) => [run.run, run.state]));
  }, [overview, stopped]);
}

/** Says it in one message: what comes while it is on the screen is counted in. */
function useRunNews() {
  const i18n = useI18n();
  const { t } = i18n;
  const navigate = useNavigate();
  const path = useLocation({ select: ({ pathname }) => pathname });
  const toaster = useToaster();
  const told = useRef<readonly Ended[]>([]);
  return (ended: readonly Ended[]) => {
    const unseen = ended.filter(({ id }) => path !== `/runs/${id}`);
    if (unseen.length === 0) return;
    const again = new Set(unseen.map(({ id }) => id));
    const all = [...told.current.filter(({ id }) => !again.has(id)), ...unseen];
    told.current = all;
    const look = worstOf(all);
    const [first, ...rest] = all;
    const toRun = { label: t.errors.openRun, perform: () => void (first !== undefined && navigate({ to: "/runs/$run", params: { run: first.id } })) };
    const toRuns = { label: t.frame.toRuns, perform: () => void navigate({ to: "/runs" }) };
    toaster.news("runs", {
      ...wordsOf(all, i18n),
      look,
      // What went well needs nothing, and goes by itself.
      action: look === "error" || look === "needs" ? (rest.length === 0 ? toRun : toRuns) : undefined,
      onClose: () => {
        told.current = [];
      },
    });
  };
}

export function RunNotices() {
  const i18n = useI18n();
  const { shell } = usePort();
  const navigate = useNavigate();
  const news = useRunNews();
  useEffect(() => shell?.onNotice((run) => void navigate({ to: "/runs/$run", params: { run } })), [shell, navigate]);
  useEnded((ended) => {
    news(ended);
    for (const one of ended) shell?.notify({ ...wordsOf([one], i18n), about: one.id });
  });
  return null;
}
