/** Puts requests away undecided and opens them again: from their page, by key, and from the message that tells of it. */

import { useEffect, useRef } from "react";

import type { OnboardingRequest, RequestId } from "@/backend/bindings";
import { useCommand } from "@/backend/mutations";
import { useToaster } from "@/components/Toast";
import { useFailed } from "@/errors/useFailed";

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
  /** It is being put away. */
  isArchiving(request: OnboardingRequest): boolean;
}

/** However many are put away, one message tells of it: of the last. */
const messageOf = (request: RequestId) => ({ name: "archive", about: request });

export function useArchiving(inbox: Inbox): Archiving {
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
  // What was put away from here, and when: the list has it until it is read anew, and a second press is no second word.
  const away = useRef(new Map<RequestId, number>());
  const isAway = ({ id, updated_at }: OnboardingRequest) => Date.parse(updated_at) <= (away.current.get(id) ?? -Infinity);
  const isBack = (request: OnboardingRequest) => request.state === "open" && away.current.has(request.id) && !isAway(request);
  const forget = (request: RequestId) => {
    away.current.delete(request);
    toaster.gone(messageOf(request));
  };

  // Opened again elsewhere: there is nothing to undo.
  useEffect(() => {
    for (const request of inbox.requests) if (isBack(request)) forget(request.id);
  }, [inbox.requests]);

  const open = (request: OnboardingRequest, isThere: (chosen: RequestId | undefined) => boolean) =>
    void restore.mutateAsync({ request: request.id }).then(() => {
      forget(request.id);
      toaster.done(({ t }) => t.requests.restored[request.kind](request.name));
      const now = here.current;
      // Whoever has gone on to another meanwhile stays with that.
      if (now !== undefined && isThere(now.chosen)) now.onBack(request.id);
    }, failed);

  const putAway = (request: OnboardingRequest) => {
    if (isAway(request)) return;
    away.current.set(request.id, Date.parse(request.updated_at));
    const at = inbox.requests.findIndex(({ id }) => id === request.id);
    const waits = (one: OnboardingRequest) => !isAway(one);
    const next = inbox.requests.slice(at + 1).find(waits) ?? inbox.requests.slice(0, Math.max(at, 0)).findLast(waits);
    void archive.mutateAsync({ request: request.id }).then(
      ({ updated_at }) => {
        away.current.set(request.id, Date.parse(updated_at));
        const follows = here.current?.chosen === request.id;
        const undo = () => open(request, (chosen) => follows && chosen === next?.id);
        toaster.done(({ t }) => t.requests.archived[request.kind](request.name), {
          place: messageOf(request.id),
          action: { label: ({ t }) => t.requests.undo, perform: undo },
        });
        if (follows) here.current?.onNext(next?.id);
      },
      (problem: unknown) => {
        away.current.delete(request.id);
        failed(problem);
      },
    );
  };

  return {
    archive: putAway,
    restore: (request) => open(request, (chosen) => chosen === request.id),
    isArchiving: ({ id }) => archive.isPending && archive.variables.request === id,
  };
}
