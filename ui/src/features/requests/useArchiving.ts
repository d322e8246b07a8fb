/** Puts requests away undecided and opens them again: from their page, by key, and from the message that tells of it. */

import { useEffect, useRef } from "react";

import type { OnboardingRequest, RequestId } from "@/backend/bindings";
import { useCommand } from "@/backend/mutations";
import { useToaster } from "@/components/Toast";
import { useFailed } from "@/errors/useFailed";
import { useI18n } from "@/i18n/I18nProvider";

interface Inbox {
  /** The request under review. */
  chosen: RequestId | undefined;
  requests: readonly OnboardingRequest[];
  /** The one under review was put away: this one is next, where there is one. */
  onNext(request: RequestId | undefined): void;
  /** It is open again. */
  onBack(request: RequestId): void;
}

export interface Archiving {
  archive(request: OnboardingRequest): void;
  restore(request: OnboardingRequest): void;
}

export function useArchiving(inbox: Inbox): Archiving {
  const { t } = useI18n();
  const toaster = useToaster();
  const failed = useFailed();
  const archive = useCommand("request_archive");
  const restore = useCommand("request_restore");
  // The message outlives the page: whoever has left the inbox stays where they are.
  const here = useRef<Inbox | undefined>(undefined);
  useEffect(() => {
    here.current = inbox;
  });
  useEffect(() => () => void (here.current = undefined), []);

  const open = (request: OnboardingRequest) =>
    void restore.mutateAsync({ request: request.id }).then(() => {
      toaster.done(t.requests.restored(request.name));
      here.current?.onBack(request.id);
    }, failed);

  const putAway = (request: OnboardingRequest) => {
    if (archive.isPending) return;
    const at = inbox.requests.findIndex(({ id }) => id === request.id);
    const next = inbox.requests[at + 1] ?? inbox.requests[at - 1];
    void archive.mutateAsync({ request: request.id }).then(() => {
      toaster.done(t.requests.archived(request.name), {
        place: "archive",
        action: { label: t.requests.undo, closes: true, perform: () => open(request) },
      });
      // Whoever has gone on to another meanwhile stays with that.
      if (here.current?.chosen === request.id) here.current.onNext(next?.id);
    }, failed);
  };

  return { archive: putAway, restore: open };
}
