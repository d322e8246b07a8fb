/** A customer's vendors, each with its own state. One that works is quiet; trouble has colour and shape. */

import type { Provider, StackMark } from "@/backend/bindings";
import { classes } from "@/components/classes";
import { ProviderGlyph } from "@/components/glyphs";
import { PROVIDER_TITLES, STACK } from "@/components/providers";
import { StatusShape, toneClass } from "@/components/StatusShape";
import { MARK_LOOK } from "@/components/states";
import { useI18n } from "@/i18n/I18nProvider";

interface MarkProps {
  provider: Provider;
  mark: StackMark | undefined;
  known: string | undefined;
}

function Mark({ provider, mark, known }: MarkProps) {
  const { t, format } = useI18n();
  const state = mark?.state ?? "absent";
  const word = mark === undefined ? t.markNotIncluded : t.mark[state];
  const hint = state === "live" && known !== undefined ? t.liveByRun(format.moment(known, Date.now())) : word;
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
}

interface StackMarksProps {
  stack: readonly StackMark[];
  /** When the last run saw that they work: since then nobody has looked. */
  known: string | undefined;
}

export function StackMarks({ stack, known }: StackMarksProps) {
  return (
    <div className="flex gap-1">
      {STACK.map((provider) => (
        <Mark key={provider} provider={provider} mark={stack.find((mark) => mark.provider === provider)} known={known} />
      ))}
    </div>
  );
}
