/** Tells readers of progress: a step that is done politely, one that failed at once. */

import type { RunDetail, StepView } from "@/backend/bindings";
import { present } from "@/errors/presentation";
import { useI18n } from "@/i18n/I18nProvider";

import { directionOf, stepLabel } from "./direction";
import { isComplete } from "./timeline";

export function RunAnnouncer({ run }: { run: RunDetail }) {
  const { t, language } = useI18n();
  const direction = directionOf(run.run);
  const complete = run.steps.filter((step) => (direction === "forward" ? isComplete(step) : step.state === "undone"));
  const newest = complete.toSorted((one, other) => (one.finished_at ?? "").localeCompare(other.finished_at ?? "")).at(-1);
  const failed = run.steps.find((step) => step.state === (direction === "forward" ? "failed" : "leftover"));
  const announce = (step: StepView) => {
    const label = stepLabel(run.run, step, t);
    return direction === "forward" ? t.run.announce(complete.length, run.steps.length, label) : t.run.announceGone(label);
  };
  const lament = direction === "forward" ? t.run.announceFailed : t.run.announceLeft;
  return (
    <div className="sr-only">
      <p role="status">
        {newest !== undefined && announce(newest)}
      </p>
      <p role="alert">
        {failed?.error !== undefined && lament(stepLabel(run.run, failed, t), present(failed.error, language).title)}
      </p>
    </div>
  );
}
