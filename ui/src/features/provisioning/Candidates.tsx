/** What could be the customer's, where only the owner can tell; and the owner's word on it. */

import { ExternalLink } from "lucide-react";

import type { Decision, Found, RunId } from "@/backend/bindings";
import { Button, LinkButton } from "@/components/Button";
import { CopyButton } from "@/components/CopyField";
import { Icon } from "@/components/Icon";
import { useOpening } from "@/errors/useOpening";
import { useI18n } from "@/i18n/I18nProvider";

export interface Decide {
  busy: boolean;
  perform(step: string, decision: Decision): void;
}

interface CandidatesProps {
  run: RunId;
  step: string;
  candidates: readonly Found[];
  /** None where no question is open: then they are only shown. */
  decide: Decide | undefined;
}

export function Candidates({ run, step, candidates, decide }: CandidatesProps) {
  const { t } = useI18n();
  const openPage = useOpening("candidate_open");
  return (
    <>
      <ul aria-label={t.decision.candidates} className="mt-2 rounded-control border border-border bg-surface">
        {candidates.map((one) => (
          <li
            key={one.id}
            data-candidate={one.id}
            className="flex flex-wrap items-center gap-x-3 gap-y-1 px-3 py-2 not-first:border-t not-first:border-border"
          >
            <span className="min-w-40 flex-1">
              <span className="block font-medium wrap-anywhere">{one.name}</span>
              <span className="flex items-center gap-1">
                <span className="mono wrap-anywhere text-text-2">{one.id}</span>
                <CopyButton kind="ghost" small text={one.id} label={one.id} />
              </span>
            </span>
            <span className="ml-auto flex items-center gap-3">
              {one.url !== undefined && (
                <LinkButton title={one.url} onClick={() => openPage({ run, step, id: one.id })}>
                  {t.decision.look}
                  <Icon of={ExternalLink} small />
                </LinkButton>
              )}
              {decide !== undefined && (
                <Button
                  small
                  disabled={decide.busy}
                  aria-label={`${t.decision.adopt}: ${one.name}, ${one.id}`}
                  onClick={() => decide.perform(step, { decision: "adopt", id: one.id })}
                >
                  {t.decision.adopt}
                </Button>
              )}
            </span>
          </li>
        ))}
      </ul>
      {decide !== undefined && (
        <div className="mt-2 flex flex-wrap items-center gap-x-3 gap-y-1">
          <Button small disabled={decide.busy} onClick={() => decide.perform(step, { decision: "new" })}>
            {t.decision.none}
          </Button>
          <span className="text-caption text-text-2">{t.decision.means}</span>
        </div>
      )}
    </>
  );
}
