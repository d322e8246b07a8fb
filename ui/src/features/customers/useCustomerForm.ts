/** The state of a customer's form: suggested and checked while one types, every fault at its field. */

import { type RefObject, useEffect, useRef, useState } from "react";

import { useSuggest } from "@/backend/ahead";
import type { CustomerId, Problem } from "@/backend/bindings";
import { problemOf } from "@/backend/errors";
import { useCustomerCheck, useSubdomainSuggestion } from "@/backend/queries";
import { useDebounced } from "@/components/useDebounced";

import { type Draft, type DraftField, faultsOf, fieldOf } from "./customerForm";

/** How long the typing rests before Rust is asked. */
const REST_MS = 150;

export interface CustomerForm {
  draft: Draft;
  /** What there is for the customer is named by the subdomain: it stays. */
  isNamed: boolean;
  /** Something else than what it opened with. */
  changed: boolean;
  set(changed: Partial<Draft>): void;
  problems: readonly Problem[];
  /** A problem that belongs to no field. */
  whole: Problem | undefined;
  checking: boolean;
  /** The subdomain is valid and nobody has it. */
  free: boolean;
  ref: RefObject<HTMLFormElement | null>;
  submit(): void;
}

interface CustomerFormOptions {
  initial: Draft;
  /** The customer that is edited; its own name and subdomain are free to it. */
  except: CustomerId | null;
  /** The subdomain is somebody's wish already: it doesn't follow the name. */
  wished?: boolean;
  /** What there is for the customer is named by the subdomain: it stays. */
  isNamed?: boolean;
  /** Why the language can't be read that was wished for: another is chosen before anything is sent. */
  unread?: Problem;
  /** Rejects with what is wrong. */
  onSubmit(draft: Draft): Promise<void>;
}

export function useCustomerForm({ initial, except, wished = false, isNamed = false, unread, onSubmit }: CustomerFormOptions): CustomerForm {
  const [typed, setTyped] = useState(initial);
  const [touched, setTouched] = useState<ReadonlySet<DraftField>>(new Set());
  const [tried, setTried] = useState(0);
  const [refusal, setRefusal] = useState<Problem>();
  const ref = useRef<HTMLFormElement>(null);

  // A new customer's subdomain follows the name until it is typed itself.
  const follows = except === null && !wished && !touched.has("subdomain");
  const restedName = useDebounced(typed.name, REST_MS);
  const suggestion = useSubdomainSuggestion(follows ? restedName : "");
  const subdomain = follows ? (typed.name.trim() === "" ? "" : (suggestion.data ?? "")) : typed.subdomain;
  const draft: Draft = { ...typed, subdomain };
  // The suggestion is still that of what was typed before.
  const isBehind = follows && typed.name.trim() !== "" && (restedName !== typed.name || suggestion.isPlaceholderData || suggestion.data === undefined);
  const suggest = useSuggest();
  // The second press of two may come before the first is drawn.
  const submitting = useRef(false);

  const restedSubdomain = useDebounced(subdomain, REST_MS);
  const asked = restedName.trim() !== "" || restedSubdomain !== "";
  const check = useCustomerCheck(restedName, restedSubdomain, except, asked);
  const isCurrent = restedName === draft.name && restedSubdomain === subdomain && !check.isPlaceholderData;

  const isShown = (field: DraftField | undefined) => field === undefined || tried > 0 || touched.has(field);
  const unsaid = unread === undefined || touched.has("language") ? [] : [unread];
  const found = [...faultsOf(draft), ...(asked ? (check.data ?? []) : []), ...(refusal === undefined ? [] : [refusal])];
  // While a name is typed its subdomain is not yet the owner's doing: its faults wait for it.
  const problems = [...unsaid, ...found.filter((problem) => isShown(fieldOf(problem)))];
  const isFree =
    isCurrent && subdomain !== "" && !found.some((problem) => fieldOf(problem) === "subdomain") && check.data !== undefined;

  // The first field that is wrong gets the focus, once its fault is drawn.
  useEffect(() => {
    if (tried > 0) ref.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }, [tried]);

  const send = async () => {
    setRefusal(undefined);
    try {
      // Sent before the typing rests it is named by what is sent: what there is for a customer keeps its subdomain.
      const sent = isBehind ? { ...draft, subdomain: await suggest(typed.name) } : draft;
      const blocking = [...faultsOf(sent), ...unsaid, ...(isCurrent && !isBehind ? (check.data ?? []) : [])];
      if (blocking.length === 0) {
        await onSubmit(sent);
        return;
      }
    } catch (error) {
      setRefusal(problemOf(error) ?? { code: "unreachable", host: "Fabrik" });
    }
    setTried((times) => times + 1);
  };
  const submit = async () => {
    if (submitting.current) return;
    submitting.current = true;
    try {
      await send();
    } finally {
      submitting.current = false;
    }
  };

  return {
    draft,
    isNamed,
    changed: JSON.stringify(typed) !== JSON.stringify(initial),
    set(changed) {
      setRefusal(undefined);
      setTyped((now) => ({ ...now, ...changed }));
      setTouched((now) => new Set([...now, ...(Object.keys(changed) as DraftField[])]));
    },
    problems,
    whole: refusal !== undefined && fieldOf(refusal) === undefined ? refusal : undefined,
    checking: asked && (check.isFetching || !isCurrent),
    free: isFree,
    ref,
    submit: () => void submit(),
  };
}
