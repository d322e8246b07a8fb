/** An open request to become a customer: what is asked, whether the names are free, and the owner's yes or no. */

import { useNavigate, useRouter } from "@tanstack/react-router";
import { Archive, Check, MessageSquare, MoreHorizontal, Pencil, X } from "lucide-react";
import { type ReactNode, useState } from "react";

import type { OnboardingRequest, OnFailure, RequestApproval } from "@/backend/bindings";
import { problemOf } from "@/backend/errors";
import { useCommand } from "@/backend/mutations";
import { useCustomerCheck, useReview } from "@/backend/queries";
import { unreadLanguage } from "@/backend/unreadLanguage";
import { Button } from "@/components/Button";
import { Field, Input } from "@/components/Field";
import { Icon } from "@/components/Icon";
import { Menu } from "@/components/Menu";
import { Status } from "@/components/states";
import { useToaster } from "@/components/Toast";
import { useDebounced } from "@/components/useDebounced";
import { ErrorDisplay } from "@/errors/ErrorDisplay";
import { present } from "@/errors/presentation";
import { useI18n } from "@/i18n/I18nProvider";
import { usePageActs } from "@/shell/PageActs";
import { ShortcutHint } from "@/shell/ShortcutHint";
import { useShortcut } from "@/shell/ShortcutProvider";

import { ArchiveButton } from "./ArchiveButton";
import { PlanRail, VendorNames } from "./Names";
import { RequestFacts, RequestTitle } from "./RequestFacts";

/** How long the typing rests before Rust is asked, and before the vendors are. */
const REST_MS = 150;
const VENDORS_REST_MS = 700;

interface ReviewProps {
  request: OnboardingRequest;
  onFailure: OnFailure;
  /** The choice of what a failure brings about. */
  onFailureChoice: ReactNode;
  /** Their dialogs are the page's: this begins anew where the request is changed elsewhere. */
  onEdit(): void;
  onAsk(): void;
  onReject(): void;
  onArchive(): void;
  isArchiving: boolean;
}

/** Approves, and goes where it goes on: that it is decided may be drawn before the answer is here, without this. */
function useApproval({ request, onFailure }: Pick<ReviewProps, "request" | "onFailure">) {
  const navigate = useNavigate();
  const router = useRouter();
  const toaster = useToaster();
  const approve = useCommand("request_approve");
  const tell = ({ customer, run, problem }: RequestApproval) => {
    if (run !== undefined) toaster.done(({ t }) => t.requests.approved(customer.name));
    else toaster.failed(({ t }) => t.requests.approvedOnly(customer.name), problem && (({ language }) => present(problem, language).title));
    // Whoever has gone on to something else stays there.
    const { search } = router.state.location;
    if (!("request" in search) || search.request !== request.id) return;
    if (run !== undefined) void navigate({ to: "/runs/$run", params: { run: run.id } });
    else void navigate({ to: "/customers/$customer", params: { customer: customer.id } });
  };
  const perform = (subdomain: string) => {
    const answer = approve.mutateAsync({ request: request.id, subdomain, on_failure: onFailure });
    // Why it was refused is drawn.
    void answer.then(tell, () => undefined);
  };
  return { perform, pending: approve.isPending, refusal: problemOf(approve.error) };
}

export function Review({ request, onFailure, onFailureChoice, onEdit, onAsk, onReject, onArchive, isArchiving }: ReviewProps) {
  const { t, language } = useI18n();
  const [subdomain, setSubdomain] = useState(request.subdomain);
  const approval = useApproval({ request, onFailure });

  const rested = useDebounced(subdomain, REST_MS);
  const check = useCustomerCheck(request.name, rested, null, true);
  const faults = check.data ?? [];
  const checking = rested !== subdomain || check.isFetching || check.isPlaceholderData;
  const isFree = !checking && check.data !== undefined && faults.length === 0;

  const isPlanned = request.blueprint !== "" && request.plan !== "";
  const chosen = isPlanned && unreadLanguage(request) === undefined;
  // The vendors are asked only for a name that is free here.
  const forVendors = useDebounced(subdomain, VENDORS_REST_MS);
  const review = useReview(request, forVendors, chosen && isFree && forVendors === subdomain);
  const plan = forVendors === subdomain ? review.data : undefined;
  const reviewProblem = problemOf(review.error);

  const waits = !isPlanned
    ? t.requests.waitsForChoice
    : !chosen
      ? t.requests.waitsForLanguage
      : !checking && !isFree
        ? t.requests.waitsForName
        : plan !== undefined && !plan.can_run
          ? t.requests.waitsForPlan
          : undefined;
  const canApprove = waits === undefined && isFree && !approval.pending;
  const approve = () => {
    if (canApprove) approval.perform(subdomain);
  };
  // One word at a time.
  const canArchive = !approval.pending && !isArchiving;
  useShortcut("submit", approve);
  useShortcut("reject", onReject);
  useShortcut("archive", onArchive, canArchive);
  const beside = [
    { label: t.requests.edit, icon: Pencil, onSelect: onEdit },
    { label: t.requests.ask, icon: MessageSquare, onSelect: onAsk },
  ];
  const reject = { label: t.requests.reject, icon: X, onSelect: onReject };
  const archive = { label: t.requests.archive, icon: Archive, disabled: !canArchive, onSelect: onArchive };
  usePageActs(t.palette.actionsFor(request.name), [
    { label: t.requests.approve, icon: Check, disabled: !canApprove, onSelect: approve },
    ...beside,
    reject,
    archive,
  ]);

  return (
    <>
      <div className="grid min-h-0 flex-1 content-start gap-6 overflow-y-auto p-6 wide:grid-cols-[minmax(0,1fr)_240px]">
        <div className="grid min-w-0 content-start gap-5">
          <RequestTitle request={request} />
          {request.problem !== undefined && <ErrorDisplay problem={request.problem} compact quiet />}
          <RequestFacts request={request} />
          <section className="grid gap-3">
            <div className="flex items-baseline justify-between gap-3">
              <h3 className="font-medium">{t.requests.names}</h3>
              <span className="text-caption text-text-3">{t.requests.namesHelp}</span>
            </div>
            <Field label={t.requests.subdomain} faults={checking ? [] : faults.map((problem) => (({ title, text, words }) => ({ text: `${title}. ${text}`, words }))(present(problem, language)))}>
              {(tied) => (
                <Input
                  {...tied}
                  mono
                  value={subdomain}
                  onChange={(event) => setSubdomain(event.target.value)}
                  after={
                    checking ? (
                      <Status look={{ shape: "setup", tone: "info", turning: true }} word={t.newCustomer.checking} />
                    ) : isFree ? (
                      <Status look={{ shape: "done", tone: "ok" }} word={t.newCustomer.subdomainFree} />
                    ) : undefined
                  }
                />
              )}
            </Field>
            {reviewProblem !== undefined ? (
              <ErrorDisplay problem={reviewProblem} compact />
            ) : (
              chosen && (isFree || checking) && <VendorNames plan={plan} />
            )}
          </section>
        </div>
        <PlanRail plan={plan} />
      </div>
      <footer className="grid flex-none gap-2 border-t border-border px-6 py-2.5">
        {approval.refusal !== undefined && <ErrorDisplay problem={approval.refusal} compact />}
        <span id="why-not" role="status" className="text-caption text-text-3 empty:sr-only">
          {waits}
        </span>
        <div className="flex flex-wrap items-center gap-2">
          <Button kind="primary" disabled={!canApprove} aria-describedby="why-not" onClick={approve}>
            {approval.pending ? t.requests.approving : t.requests.approve}
            {/* Where the line is short the keys give way to the words: they are in the menu of keys, too. */}
            <span className="contents max-wide:hidden">
              <ShortcutHint of="submit" />
            </span>
          </Button>
          <Button onClick={onReject}>
            {t.requests.reject}
            <span className="contents max-wide:hidden">
              <ShortcutHint of="reject" />
            </span>
          </Button>
          {/* Where the line has no room for them, in a menu: it stays one line. */}
          <span className="contents max-wide:hidden">
            {beside.map(({ label, onSelect }) => (
              <Button key={label} onClick={onSelect}>
                {label}
              </Button>
            ))}
            <ArchiveButton disabled={!canArchive} onArchive={onArchive} />
          </span>
          <span className="wide:hidden">
            <Menu
              align="start"
              items={[...beside, archive]}
              trigger={
                <Button icon aria-label={t.common.moreActions}>
                  <Icon of={MoreHorizontal} />
                </Button>
              }
            />
          </span>
          <span className="ml-auto min-w-0">{onFailureChoice}</span>
        </div>
      </footer>
    </>
  );
}
