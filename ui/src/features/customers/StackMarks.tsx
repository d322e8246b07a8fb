/** A customer's vendors, each with its own state. One that works is quiet; trouble has colour and shape. */

import { memo } from "react";

import type { MarkState, Provider, StackMark } from "@/backend/bindings";
import { classes } from "@/components/classes";
import { ProviderGlyph } from "@/components/glyphs";
import { PROVIDER_TITLES, STACK } from "@/components/providers";
import { StatusShape, toneClass } from "@/components/StatusShape";
import { MARK_LOOK } from "@/components/states";
import { useI18n } from "@/i18n/I18nProvider";

interface StackMarksProps {
  stack: readonly StackMark[];
  /** When the last run saw that they work: since then nobody has looked. */
  known: string | undefined;
  now: number;
}

interface MarkProps extends Omit<StackMarksProps, "stack"> {
  provider: Provider;
  /** None where the customer's blueprint has nothing of this vendor. */
  marked: MarkState | undefined;
}

/** Another customer in the row mostly has the same marks, but for those that work, which tell when they were seen to. */
const Mark = memo(function Mark({ provider, marked, known, now }: MarkProps) {
  const { t, format } = useI18n();
  const state = marked ?? "absent";
  const word = marked === undefined ? t.markNotIncluded : t.mark[state];
  const hint = state === "live" && known !== undefined ? t.liveByRun(format.moment(known, now)) : word;
  const look = MARK_LOOK[state];
  const loud = state === "setting_up" || state === "deferred" || state === "needs_you";
  const title = `${PROVIDER_TITLES[provider]}: ${hint}`;
  // Of the list's marks most are of this kind: as few elements as can be.
  if (state === "absent") {
    return (
      <span
        role="img"
        aria-label={`${PROVIDER_TITLES[provider]} ${word}`}
        title={title}
        className="grid size-5 place-items-center before:h-px before:w-1.5 before:bg-border-strong"
      />
    );
  }
  return (
    <span
      role="img"
      aria-label={`${PROVIDER_TITLES[provider]} ${word}`}
      title={title}
      className={classes("relative grid size-5 place-items-center rounded-chip", loud ? toneClass(look.tone) : "text-text-3")}
    >
      <ProviderGlyph provider={provider} small />
      {loud && (
        <StatusShape
          shape={look.shape}
          tone={look.tone}
          size={10}
          className="absolute -right-[3px] -bottom-0.5 overflow-visible [paint-order:stroke] [stroke-width:3px] [stroke:var(--surface)]"
        />
      )}
    </span>
  );
});

export function StackMarks({ stack, known, now }: StackMarksProps) {
  const markOf = (provider: Provider) => {
    const marked = stack.find((mark) => mark.provider === provider)?.state;
    return { marked, known: marked === "live" ? known : undefined };
  };
  return (
    <div className="flex gap-1">
      {STACK.map((provider) => (
        <Mark key={provider} provider={provider} {...markOf(provider)} now={now} />
      ))}
    </div>
  );
}
