/** New versions: whether there is one, and the way to it. What is installed is looked for and checked by Rust. */

import { useRef, useState } from "react";

import { problemOf } from "@/backend/errors";
import { useUpdateInstall } from "@/backend/mutations";
import { useUpdates } from "@/backend/queries";
import { Button } from "@/components/Button";
import { Dialog, DialogFooter } from "@/components/Dialog";
import { Status } from "@/components/states";
import { ErrorDisplay } from "@/errors/ErrorDisplay";
import { useI18n } from "@/i18n/I18nProvider";

/** Asked where runs stand in the way. */
function StopRuns({ runs, onAnswer }: { runs: number; onAnswer(stop: boolean): void }) {
  const { t } = useI18n();
  const safe = useRef<HTMLButtonElement>(null);
  return (
    <Dialog open onClose={() => onAnswer(false)} initialFocus={safe} title={t.closing.title(runs)} description={t.updates.stopText}>
      <DialogFooter>
        <Button kind="ghost" onClick={() => onAnswer(true)}>
          {t.updates.stop}
        </Button>
        <Button ref={safe} kind="primary" onClick={() => onAnswer(false)}>
          {t.updates.wait}
        </Button>
      </DialogFooter>
    </Dialog>
  );
}

function Install({ version }: { version: string }) {
  const { t } = useI18n();
  const install = useUpdateInstall();
  const [runs, setRuns] = useState(0);
  // Installed, it only waits to be started anew.
  const busy = install.isPending || (install.isSuccess && install.data?.runs === 0);
  const begin = (stopRuns: boolean) => install.mutate(stopRuns, { onSuccess: (installing) => setRuns(installing?.runs ?? 0) });
  const problem = problemOf(install.error);
  return (
    <div className="grid gap-2">
      <div className="flex items-center gap-2">
        <span className="flex-1">
          <Status look={{ shape: "new", tone: "info" }} word={t.updates.found(version)} />
        </span>
        <Button kind="primary" disabled={busy} onClick={() => begin(false)}>
          {busy ? t.updates.installing : t.updates.install}
        </Button>
      </div>
      {problem !== undefined && <ErrorDisplay problem={problem} />}
      {runs > 0 && (
        <StopRuns
          runs={runs}
          onAnswer={(stop) => {
            setRuns(0);
            if (stop) begin(true);
          }}
        />
      )}
    </div>
  );
}

export function UpdatesSection() {
  const { t, format } = useI18n();
  const query = useUpdates();
  const updates = query.data;
  if (updates === undefined || updates === null) return null;
  const asks = updates.state !== "unconfigured" && updates.state !== "sandbox";
  return (
    <section aria-label={t.updates.title} className="mb-6">
      <div className="mb-2 flex items-center gap-2">
        <h3 className="text-heading font-semibold">{t.updates.title}</h3>
        <span className="flex-1 text-caption text-text-3">
          {asks && t.credentials.checkedAt(format.moment(new Date(query.dataUpdatedAt).toISOString(), Date.now()))}
        </span>
        {asks && (
          <Button small disabled={query.isFetching} onClick={() => void query.refetch()}>
            {t.updates.look}
          </Button>
        )}
      </div>
      {updates.state === "unconfigured" && <p className="text-text-2">{t.updates.unconfigured}</p>}
      {updates.state === "sandbox" && <p className="text-text-2">{t.updates.sandbox}</p>}
      {updates.state === "newest" && <Status look={{ shape: "ok", tone: "ok" }} word={t.updates.newest} />}
      {updates.state === "failed" && <ErrorDisplay problem={updates.problem} quiet />}
      {updates.state === "found" && <Install version={updates.version} />}
    </section>
  );
}
