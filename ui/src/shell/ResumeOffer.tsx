/** At the start: runs that stopped in the middle are offered for resuming. */

import { useLocation, useNavigate } from "@tanstack/react-router";
import { useState } from "react";

import type { ActiveRun } from "@/backend/bindings";
import { useCommand } from "@/backend/mutations";
import { useOverview } from "@/backend/queries";
import { Button } from "@/components/Button";
import { StatusShape } from "@/components/StatusShape";
import { useToaster } from "@/components/Toast";
import { useI18n } from "@/i18n/I18nProvider";

import { pageOf } from "./endedRuns";

/** A run at an interruption: one that went on, and is interrupted once more, is offered once more. */
const interruptionOf = ({ run, interruption = 0 }: ActiveRun) => `${run} ${interruption}`;

export function ResumeOffer() {
  const { t } = useI18n();
  const navigate = useNavigate();
  const { data: overview } = useOverview();
  const toaster = useToaster();
  const resume = useCommand("run_resume");
  const [declined, setDeclined] = useState<ReadonlySet<string>>(new Set());
  const path = useLocation({ select: ({ pathname }) => pathname });
  const interrupted = overview?.interrupted_runs ?? [];
  // A run's own page says it, and has the same button.
  const offered = interrupted.filter((one) => !declined.has(interruptionOf(one)) && path !== pageOf(one.run));
  const [first] = offered;
  if (first === undefined) return null;
  const decline = () => setDeclined(new Set([...declined, ...offered.map(interruptionOf)]));
  const resumeAll = async () => {
    decline();
    const tried = await Promise.allSettled(offered.map(({ run }) => resume.mutateAsync({ run })));
    const failed = tried.filter((one) => one.status === "rejected").length;
    // One word for all of them; why, each run's own page says.
    if (failed > 0) toaster.failed(({ t }) => t.resume.failed(failed));
  };
  const look = () =>
    void (offered.length === 1 ? navigate({ to: "/runs/$run", params: { run: first.run } }) : navigate({ to: "/runs" }));
  return (
    <section aria-label={t.resume.title} className="flex flex-none items-center gap-2 border-b border-border bg-warn-bg px-6 py-1.5">
      <StatusShape shape="needs" tone="warn" className="[--hole:var(--warn-bg)]" />
      <p className="min-w-0 flex-1 truncate text-text">
        {offered.length === 1 ? t.resume.one(first.customer_name) : t.resume.many(offered.length)}
      </p>
      <Button small kind="primary" onClick={() => void resumeAll()}>
        {t.resume.resume(offered.length)}
      </Button>
      <Button small onClick={look}>
        {t.resume.look}
      </Button>
      <Button small kind="ghost" onClick={decline}>
        {t.resume.later}
      </Button>
    </section>
  );
}
