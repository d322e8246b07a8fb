/** A step's log: its newest lines, followed until one scrolls up. */

import { ExternalLink } from "lucide-react";
import { useEffect, useRef, useState } from "react";

import type { CustomerId, Resource, RunEvent } from "@/backend/bindings";
import { Button, LinkButton } from "@/components/Button";
import { CopyButton } from "@/components/CopyField";
import { Icon } from "@/components/Icon";
import { PROVIDER_TITLES } from "@/components/providers";
import { useOpening } from "@/errors/useOpening";
import { useI18n } from "@/i18n/I18nProvider";

import { logText, logWords } from "./logWords";

interface StepLogProps {
  label: string;
  events: readonly RunEvent[];
  /** What the step made, where it has a page. */
  resource: Resource | undefined;
  customer: CustomerId;
  /** More lines may come. */
  live: boolean;
}

export function StepLog({ label, events, resource, customer, live }: StepLogProps) {
  const i18n = useI18n();
  const { t, format } = i18n;
  const openResource = useOpening("resource_open");
  const box = useRef<HTMLDivElement>(null);
  const [following, setFollowing] = useState(true);
  const last = events.at(-1)?.number;
  useEffect(() => {
    if (following && last !== undefined) box.current?.scrollTo({ top: box.current.scrollHeight });
  }, [following, last]);

  return (
    <>
      <div
        ref={box}
        role="log"
        aria-label={t.run.logOf(label)}
        aria-live="off"
        tabIndex={0}
        onScroll={(event) => {
          const { scrollHeight, scrollTop, clientHeight } = event.currentTarget;
          setFollowing(scrollHeight - scrollTop - clientHeight < 4);
        }}
        className="mono max-h-[232px] overflow-y-auto rounded-control border border-border bg-surface px-3 py-2 text-text-2"
      >
        {events.map((event) => (
          <div key={event.number} className="wrap-anywhere">
            <time dateTime={event.at} className="mr-3 text-text-3">
              {format.timeWithSeconds(event.at)}
            </time>
            {logWords(event.what, i18n)}
          </div>
        ))}
      </div>
      <div className="mt-2 flex items-center gap-3">
        {resource !== undefined && (
          <LinkButton onClick={() => openResource({ customer, resource: resource.key })}>
            {t.run.openAt(PROVIDER_TITLES[resource.provider])}
            <Icon of={ExternalLink} small />
          </LinkButton>
        )}
        {live && following && <span className="text-caption text-text-3">{t.run.following}</span>}
        {live && !following && (
          <Button kind="ghost" small onClick={() => setFollowing(true)}>
            {t.run.follow}
          </Button>
        )}
        <span className="ml-auto">
          <CopyButton kind="ghost" small text={logText(events, i18n)}>
            {t.run.copyLog}
          </CopyButton>
        </span>
      </div>
    </>
  );
}
