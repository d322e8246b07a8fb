/** What is wrong now, in one place above every page: the machine's faults, reads that fail while the page keeps what it
 * knew, and choices that have no place of their own. Everything else says what is wrong where it happened. */

import { useLocation } from "@tanstack/react-router";

import type { Problem } from "@/backend/bindings";
import { useStanding } from "@/backend/queries";
import { useTrouble } from "@/backend/trouble";
import { Button } from "@/components/Button";
import { classes } from "@/components/classes";
import { OwnWords } from "@/components/OwnWords";
import { StatusShape } from "@/components/StatusShape";
import { present } from "@/errors/presentation";
import { useNextAction } from "@/errors/useNextAction";
import { useI18n } from "@/i18n/I18nProvider";

/** The guide has a step for the keyring. */
const OF_KEYRING: ReadonlySet<string> = new Set(["/settings/credentials", "/first-run"]);

/** The pages that show what stands wrong with all there is to say about it: there the bar would say it again. */
function isShownOn(path: string, problem: Problem): boolean {
  return path === "/settings/about" || (OF_KEYRING.has(path) && problem.code.startsWith("keyring_"));
}

export function TroubleBar() {
  const { t, language, format } = useI18n();
  const path = useLocation({ select: ({ pathname }) => pathname });
  const nextAction = useNextAction();
  const standing = useStanding();
  const trouble = useTrouble();
  const stands = (standing.data ?? []).filter((problem) => !isShownOn(path, problem));
  const all = [...trouble.problems, ...stands];
  const problems = [...new Map(all.map((problem) => [`${problem.code} ${problem.provider ?? ""}`, problem])).values()];
  const [first, ...rest] = problems;
  if (first === undefined) return null;
  const { title, text, words, action } = present(first, language);
  const deed = action === undefined ? undefined : nextAction(action);
  const stale = trouble.known !== undefined;
  return (
    <div
      role="status"
      aria-label={t.trouble.region}
      className="flex flex-none flex-wrap items-center gap-x-3 gap-y-1 border-b border-border bg-warn-bg px-6 py-1.5 [--hole:var(--warn-bg)]"
    >
      <StatusShape shape="needs" tone="warn" />
      <p className="min-w-60 flex-1">
        <strong>{title}.</strong> <span className="text-text-2">{text}</span>
        {trouble.known !== undefined && (
          <span className="text-text-2"> {`${t.trouble.from(format.moment(new Date(trouble.known).toISOString(), Date.now()))} ${t.trouble.trying}`}</span>
        )}
        {rest.length > 0 && <span className="text-text-2">{` ${t.trouble.more(rest.length)}.`}</span>}
        <OwnWords words={words} />
      </p>
      <span className={classes("flex gap-2", deed === undefined && !stale && "hidden")}>
        {stale && (
          <Button small onClick={trouble.again}>
            {t.common.tryAgain}
          </Button>
        )}
        {deed !== undefined && (
          <Button small onClick={deed.perform}>
            {deed.label}
          </Button>
        )}
      </span>
    </div>
  );
}
