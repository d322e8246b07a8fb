/** A notification of the system when a run ends, for whoever has the window behind others. */

import { useNavigate } from "@tanstack/react-router";
import { useEffect, useRef } from "react";

import { usePort } from "@/backend/BackendProvider";
import type { RunId } from "@/backend/bindings";
import { useOverview } from "@/backend/queries";
import { runWord } from "@/components/states";
import { useI18n } from "@/i18n/I18nProvider";

export function RunNotices() {
  const { t } = useI18n();
  const port = usePort();
  const navigate = useNavigate();
  const { data: overview } = useOverview();
  const { shell } = port;
  const known = useRef(new Map<RunId, string>());

  useEffect(() => shell?.onNotice((run) => void navigate({ to: "/runs/$run", params: { run } })), [shell, navigate]);
  useEffect(() => {
    if (shell === undefined || overview === undefined) return;
    const before = known.current;
    known.current = new Map(overview.active_runs.map((run) => [run.run, run.state]));
    const say = async (id: RunId) => {
      // It may also have gone from the list because it can't be read just now: then nothing is said.
      const { run, customer } = await port.call("run_get", { run: id });
      shell.notify({ title: customer.name, text: t.runs.notice(run.number, runWord(run, t)), about: id });
    };
    for (const [run, state] of before) {
      const now = known.current.get(run);
      // Ended, or stopped to wait for its owner.
      if (now === undefined || (now === "waiting" && state !== "waiting")) void say(run).catch(() => undefined);
    }
  }, [shell, overview, port, t]);
  return null;
}
