/** The inbox's left side: who asks, for what, and since when. */

import { useRef } from "react";

import type { OnboardingRequest, RequestId } from "@/backend/bindings";
import { classes } from "@/components/classes";
import { useNow } from "@/components/useNow";
import { useI18n } from "@/i18n/I18nProvider";
import { useShortcut } from "@/shell/ShortcutProvider";

import { useSeen } from "./seen";
import { useAsked } from "./useAsked";

const MINUTE_MS = 60_000;

/** The row of a request, where it is listed within. */
export function rowOf(within: ParentNode | null, request: RequestId | undefined): HTMLElement | null {
  return request === undefined ? null : (within?.querySelector<HTMLElement>(`[data-request="${CSS.escape(request)}"]`) ?? null);
}

interface ItemProps {
  request: OnboardingRequest;
  chosen: boolean;
  /** Nobody has looked at it here yet. */
  unread: boolean;
  /** What it asks for. */
  asked: string;
  now: number;
  onChoose(): void;
  onOpen(): void;
}

function Item({ request, chosen, unread, asked, now, onChoose, onOpen }: ItemProps) {
  const { t, format } = useI18n();
  const who = [request.contact_name, request.contact_email].filter(Boolean).join(", ");
  const { origin } = request;
  const ended = origin.from === "stripe" && origin.beside ? t.requests.endedAddOn : t.requests.ended;
  const what = request.kind === "cancellation" ? ended : asked;
  return (
    <li>
      <button
        type="button"
        data-inset-focus
        data-request={request.id}
        aria-current={chosen || undefined}
        onClick={onChoose}
        onKeyDown={(event) => {
          if (event.key !== "Enter") return;
          event.preventDefault();
          onOpen();
        }}
        className="grid w-full gap-0.5 border-b border-border px-6 py-2 text-left transition-colors duration-100 hover:bg-hover aria-current:bg-hover"
      >
        <span className="flex items-baseline gap-2">
          <span className={classes("min-w-0 flex-1 truncate", unread ? "font-semibold" : "font-normal")}>
            {request.name}
            {unread && <span className="sr-only">{`, ${t.requests.unread}`}</span>}
          </span>
          <time dateTime={request.created_at} title={format.day(request.created_at)} className="flex-none text-caption text-text-3">
            {format.age(request.created_at, now)}
          </time>
        </span>
        <span className="truncate text-text-2">{who}</span>
        <span className="flex items-baseline gap-2 text-caption text-text-3">
          <span className="min-w-0 flex-1 truncate">{what}</span>
          {request.state !== "open" && <span className="flex-none">{t.requests.states[request.state]}</span>}
        </span>
      </button>
    </li>
  );
}

interface RequestListProps {
  requests: readonly OnboardingRequest[];
  chosen: RequestId | undefined;
  onChoose(request: RequestId): void;
  /** Chosen, and to be worked with. */
  onOpen(request: RequestId): void;
  none: string;
}

export function RequestList({ requests, chosen, onChoose, onOpen, none }: RequestListProps) {
  const { t } = useI18n();
  const now = useNow(MINUTE_MS);
  const asked = useAsked();
  const seen = useSeen(chosen);
  const list = useRef<HTMLUListElement>(null);
  const move = (by: number) => {
    const at = requests.findIndex(({ id }) => id === chosen);
    const next = requests[at < 0 ? (by > 0 ? 0 : requests.length - 1) : at + by];
    if (next === undefined) return false;
    onChoose(next.id);
    // Whoever moves by key is where the choice is, which also brings it into view.
    rowOf(list.current, next.id)?.focus();
    return undefined;
  };
  useShortcut("next", () => move(1));
  useShortcut("previous", () => move(-1));
  useShortcut("open", () => {
    const request = chosen ?? requests[0]?.id;
    if (request === undefined) return false;
    onOpen(request);
    return undefined;
  });
  if (requests.length === 0) return <p className="px-6 py-4 text-text-2">{none}</p>;
  return (
    <ul ref={list} aria-label={t.requests.list} className="min-h-0 flex-1 overflow-y-auto">
      {requests.map((request) => (
        <Item
          key={request.id}
          request={request}
          chosen={request.id === chosen}
          unread={request.state === "open" && request.id !== chosen && !seen.has(request.id)}
          asked={asked(request)}
          now={now}
          onChoose={() => onChoose(request.id)}
          onOpen={() => onOpen(request.id)}
        />
      ))}
    </ul>
  );
}
