/** Tells readers of progress: a step that is done politely, one that failed at once. */

import type { RunDetail } from "@/backend/bindings";
import { present } from "@/errors/presentation";
import { useI18n } from "@/i18n/I18nProvider";

import { isComplete } from "./timeline";

export function RunAnnouncer({ run }: { run: RunDetail }) {
  const { t, language } = useI18n();
  const complete = run.steps.filter(isComplete);
  const newest = complete.toSorted((one, other) => (one.finished_at ?? "").localeCompare(other.finished_at ?? "")).at(-1);
  const failed = run.steps.find((step) => step.state === "failed");
  return (
    <div className="sr-only">
      <p role="status">
        {newest === undefined ? "" : t.run.announce(complete.length, run.steps.length, t.step[newest.kind])}
      </p>
      <p role="alert">
        {failed?.error === undefined ? "" : t.run.announceFailed(t.step[failed.kind], present(failed.error, language).title)}
      </p>
    </div>
  );
}
