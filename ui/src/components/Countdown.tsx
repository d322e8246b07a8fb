/** The time that is left until a moment, counted down. */

import { useI18n } from "@/i18n/I18nProvider";

import { useNow } from "./useNow";

const SECOND_MS = 1000;

/** Nothing once the moment is there, also none of what leads to it. */
export function Countdown({ until, lead }: { until: string; lead?: string }) {
  const { t, format } = useI18n();
  const end = Date.parse(until);
  const now = useNow(SECOND_MS, end > Date.now());
  const left = Math.ceil((end - now) / SECOND_MS);
  if (!(left > 0)) return null;
  return (
    <>
      {lead}
      <span role="timer" aria-live="off" className="whitespace-nowrap tabular-nums">
        {t.common.left(format.clock(left))}
      </span>
    </>
  );
}
