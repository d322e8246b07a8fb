/** The inbox: who wants to become a customer, and whose subscription has ended. */

import { type ReactNode, useEffect, useRef, useState } from "react";

import type { OnboardingRequest, OnFailure, RequestId, RequestPage as Page } from "@/backend/bindings";
import { useStripeRead } from "@/backend/mutations";
import { useRequest, useRequests } from "@/backend/queries";
import { Button } from "@/components/Button";
import { FilterTabs } from "@/components/FilterBar";
import { HeaderTitle, PageHeader, Skeleton, Waiting } from "@/components/layout";
import { useToaster } from "@/components/Toast";
import { useNow } from "@/components/useNow";
import { ErrorDisplay } from "@/errors/ErrorDisplay";
import { Loaded } from "@/errors/Loaded";
import { useI18n } from "@/i18n/I18nProvider";
import { usePageActs } from "@/shell/PageActs";
import { isTyping } from "@/shell/ShortcutProvider";

import { AskDialog } from "./AskDialog";
import { EndedSubscription } from "./EndedSubscription";
import { ARCHIVE, type InboxSearch, OPEN, requestQueryOf } from "./inboxSearch";
import { RejectDialog } from "./RejectDialog";
import { RequestFacts, RequestOutcome, RequestTitle } from "./RequestFacts";
import { RequestList, rowOf } from "./RequestList";
import { Review } from "./Review";
import { useArchiving } from "./useArchiving";

const SECOND_MS = 1000;
const DAY_MS = 86_400_000;
/** For how long it is told that events were missed. */
const MISSED_DAYS = 7;

/** How long ago Stripe was read, or why it can't be. */
function StripeNote({ stripe }: { stripe: Page["stripe"] }) {
  const { t, format } = useI18n();
  const now = useNow(10 * SECOND_MS, stripe !== undefined);
  if (stripe === undefined) return null;
  const { read_at } = stripe.reading;
  return (
    <span className="truncate text-caption text-text-3">
      {read_at === undefined ? t.requests.stripeNever : t.requests.stripeRead(format.relative(read_at, now))}
    </span>
  );
}

/** Reads Stripe at once, and tells what came of it. What stands in the way is told with the inbox. */
function ReadStripe() {
  const { t } = useI18n();
  const toaster = useToaster();
  const read = useStripeRead();
  const perform = () =>
    read.mutate(
      {},
      {
        onSuccess: ({ events, added, withdrawn, read_at }) => {
          const ended = added.filter(({ kind }) => kind === "cancellation").length;
          toaster.done(({ t: words }) => words.requests.readDone(events), {
            text: ({ t: words, format }) => {
              const became = words.requests.became(added.length - ended, ended, withdrawn.length);
              const until = read_at === undefined ? undefined : words.requests.readUntil(format.timeWithSeconds(read_at));
              return [became, until].filter(Boolean).join(" ");
            },
          });
        },
      },
    );
  return (
    <Button disabled={read.isPending} onClick={perform}>
      {read.isPending ? t.requests.reading : t.requests.readNow}
    </Button>
  );
}

/** What the whole inbox stands at, where something is the matter with it. */
function StripeTrouble({ stripe }: { stripe: Page["stripe"] }) {
  const { t, format } = useI18n();
  const missed = stripe?.reading.missed_at;
  const since = stripe?.reading.missed_since;
  const told = missed !== undefined && since !== undefined && Date.now() - Date.parse(missed) < MISSED_DAYS * DAY_MS;
  if (!told && stripe?.problem === undefined) return null;
  return (
    <div className="grid gap-2 border-b border-border px-6 py-2">
      {stripe?.problem !== undefined && <ErrorDisplay problem={stripe.problem} compact quiet />}
      {told && <p className="text-text-2">{t.requests.missed(format.date(since))}</p>}
    </div>
  );
}

/** One that is decided, or put away. */
function Past({ request, onRestore }: { request: OnboardingRequest; onRestore(): void }) {
  const { t } = useI18n();
  const isArchived = request.state === "archived";
  usePageActs(t.palette.actionsFor(request.name), isArchived ? [{ label: t.requests.restore, onSelect: onRestore }] : []);
  return (
    <div className="grid min-h-0 flex-1 content-start gap-5 overflow-y-auto p-6">
      <RequestTitle request={request} />
      <RequestOutcome request={request} />
      {isArchived && (
        <div>
          <Button onClick={onRestore}>{t.requests.restore}</Button>
        </div>
      )}
      <RequestFacts request={request} />
    </div>
  );
}

interface Reviewing {
  onFailure: OnFailure;
  onFailureChoice: ReactNode;
  onEdit(request: OnboardingRequest): void;
  onAsk(request: OnboardingRequest): void;
  onReject(request: OnboardingRequest): void;
  onArchive(request: OnboardingRequest): void;
  isArchiving(request: OnboardingRequest): boolean;
  onRestore(request: OnboardingRequest): void;
}

function Chosen({ id, onFailure, onFailureChoice, onEdit, onAsk, onReject, onArchive, isArchiving, onRestore }: Reviewing & { id: RequestId }) {
  const query = useRequest(id);
  return (
    <Loaded
      query={query}
      skeleton={
        <Waiting className="grid gap-3 p-6">
          <Skeleton className="w-2/5" />
          <Skeleton className="w-3/5" />
        </Waiting>
      }
    >
      {(request) =>
        request.state !== "open" ? (
          <Past request={request} onRestore={() => onRestore(request)} />
        ) : request.kind === "cancellation" ? (
          <EndedSubscription request={request} onArchive={() => onArchive(request)} isArchiving={isArchiving(request)} />
        ) : (
          // What was edited begins anew.
          <Review
            key={`${request.id} ${request.updated_at}`}
            request={request}
            onFailure={onFailure}
            onFailureChoice={onFailureChoice}
            onEdit={() => onEdit(request)}
            onAsk={() => onAsk(request)}
            onReject={() => onReject(request)}
            onArchive={() => onArchive(request)}
            isArchiving={isArchiving(request)}
          />
        )
      }
    </Loaded>
  );
}

interface RequestsPageProps {
  search: InboxSearch;
  onSearch(search: InboxSearch): void;
  onFailure: OnFailure;
  onFailureChoice: ReactNode;
  /** The form of a request; of none, of a new one. */
  form(request: OnboardingRequest | undefined, onDone: (added?: OnboardingRequest) => void): ReactNode;
}

export function RequestsPage({ search, onSearch, onFailure, onFailureChoice, form }: RequestsPageProps) {
  const { t } = useI18n();
  const query = useRequests(requestQueryOf(search));
  const [editing, setEditing] = useState<OnboardingRequest>();
  const [asking, setAsking] = useState<OnboardingRequest>();
  const [rejecting, setRejecting] = useState<OnboardingRequest>();
  // What is open again is where the keyboard goes on, once it is listed.
  const [landing, setLanding] = useState<RequestId>();
  const list = useRef<HTMLElement>(null);
  const review = useRef<HTMLElement>(null);
  const archiving = useArchiving({
    chosen: search.request,
    requests: query.data?.requests ?? [],
    onNext: (request) => {
      onSearch({ archive: search.archive, request });
      (rowOf(list.current, request) ?? review.current)?.focus();
    },
    onBack: (request) => {
      // What is being typed in over the list stays.
      if (search.new === true || editing !== undefined || asking !== undefined || rejecting !== undefined) return;
      onSearch({ request });
      setLanding(request);
    },
  });
  const hasLanded = landing !== undefined && landing === search.request && search.archive !== true && !query.isFetching;
  useEffect(() => {
    if (!hasLanded) return;
    setLanding(undefined);
    // Whoever has begun to type meanwhile goes on with that.
    if (!isTyping(document.activeElement)) rowOf(list.current, landing)?.focus();
  }, [hasLanded, landing]);
  const choose = (next: InboxSearch) => {
    setLanding(undefined);
    onSearch(next);
  };
  const countOf = (states: readonly string[]) =>
    query.data?.counts.reduce((sum, { state, count }) => sum + (states.includes(state) ? count : 0), 0);
  const stripe = query.data?.stripe;
  // Where none is chosen the first is, once the list is what is asked for and no earlier one; the form for a new one
  // brings its own. It is written down, so that what comes in above it doesn't change what is under review.
  const chooses = search.request === undefined && search.new !== true && query.fetchStatus === "idle";
  const first = chooses ? query.data?.requests[0]?.id : undefined;
  useEffect(() => {
    if (first !== undefined) onSearch({ ...search, request: first });
  }, [first, search]);
  return (
    <>
      <PageHeader
        title={t.requests.title}
        actions={
          <>
            {stripe !== undefined && <ReadStripe />}
            <Button onClick={() => onSearch({ ...search, new: true })}>{t.requests.new}</Button>
          </>
        }
      >
        <HeaderTitle>{t.requests.title}</HeaderTitle>
        <StripeNote stripe={stripe} />
      </PageHeader>
      <StripeTrouble stripe={stripe} />
      <div className="grid min-h-0 flex-1 grid-cols-[280px_minmax(0,1fr)] wide:grid-cols-[328px_minmax(0,1fr)]">
        <section ref={list} aria-label={t.requests.list} className="flex min-h-0 flex-col border-r border-border">
          <div className="flex h-11 flex-none items-center border-b border-border px-4">
            <FilterTabs
              label={t.requests.tabs.label}
              tabs={[
                { value: undefined, word: t.requests.tabs.open, count: countOf(OPEN) },
                { value: "archive", word: t.requests.tabs.archive, count: countOf(ARCHIVE) },
              ]}
              chosen={search.archive ? "archive" : undefined}
              onChoose={(value) => choose({ archive: value === "archive" || undefined })}
            />
          </div>
          <Loaded
            query={query}
            skeleton={
              <Waiting className="grid gap-4 p-6">
                <Skeleton className="w-4/5" />
                <Skeleton className="w-3/5" />
              </Waiting>
            }
          >
            {({ requests }) => (
              <RequestList
                requests={requests}
                chosen={search.request}
                onChoose={(request) => choose({ archive: search.archive, request })}
                onOpen={(request) => {
                  choose({ archive: search.archive, request });
                  review.current?.focus();
                }}
                none={search.archive ? t.requests.noneArchived : t.requests.none}
              />
            )}
          </Loaded>
        </section>
        <section ref={review} tabIndex={-1} data-inset-focus aria-label={t.requests.review} className="flex min-h-0 min-w-0 flex-col">
          {search.request !== undefined && (
            <Chosen
              key={search.request}
              id={search.request}
              onFailure={onFailure}
              onFailureChoice={onFailureChoice}
              onEdit={setEditing}
              onAsk={setAsking}
              onReject={setRejecting}
              onArchive={archiving.archive}
              isArchiving={archiving.isArchiving}
              onRestore={archiving.restore}
            />
          )}
        </section>
      </div>
      {search.new === true && form(undefined, (added) => onSearch({ request: added?.id ?? search.request }))}
      {editing !== undefined && form(editing, () => setEditing(undefined))}
      {asking !== undefined && <AskDialog request={asking} onClose={() => setAsking(undefined)} />}
      {rejecting !== undefined && <RejectDialog request={rejecting} onClose={() => setRejecting(undefined)} />}
    </>
  );
}
