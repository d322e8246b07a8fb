/** Search and act: customers, pages and actions in one list, by keyboard. */

import { Dialog as Base } from "@base-ui/react/dialog";
import { useNavigate } from "@tanstack/react-router";
import { ChevronRight, Search } from "lucide-react";
import { type KeyboardEvent, type ReactNode, useCallback, useDeferredValue, useId, useRef, useState } from "react";

import type { CustomerRow, RunDetail } from "@/backend/bindings";
import { problemOf } from "@/backend/errors";
import { useCustomers, useCustomersById, useRunsById } from "@/backend/queries";
import { linksOf } from "@/components/address";
import { classes } from "@/components/classes";
import { isComposing } from "@/components/composing";
import { Icon } from "@/components/Icon";
import { Kbd } from "@/components/Kbd";
import { OwnWords } from "@/components/OwnWords";
import { INSTANCE_LOOK, RUN_LOOK, runWord } from "@/components/states";
import { StatusShape } from "@/components/StatusShape";
import { present } from "@/errors/presentation";
import { useI18n } from "@/i18n/I18nProvider";

import { type Act, useActs } from "./acts";
import { useCustomerActs } from "./customerActs";
import { folded, highlighted, parted, wordsIn } from "./highlight";
import { usePageOffers } from "./PageActs";
import { useRecent, type Visited } from "./recent";
import { ShortcutHint } from "./ShortcutHint";
import { useShortcuts } from "./ShortcutProvider";
import { keyLabel } from "./shortcuts";

/** How many customers are listed. */
const CUSTOMERS_SHOWN = 8;

interface Entry extends Omit<Act, "id" | "group" | "icon" | "can"> {
  id: string;
  group: Act["group"] | "customers" | "ofCustomer" | "ofCustomers" | "ofPage" | "recent";
  /** What stands over the group, where that is not the same for all. */
  over?: string;
  icon: ReactNode;
  note?: string;
  /** How it stands, in a word. */
  state?: string;
}

interface CommandPaletteProps {
  onClose(): void;
  onHelp(): void;
}

/** What is done, rather than gone to. */
const ACTS: ReadonlySet<Entry["group"]> = new Set<Entry["group"]>(["ofPage", "actions"]);

/** How customers and runs stand in the list. */
function useRecordEntries() {
  const { t } = useI18n();
  const navigate = useNavigate();
  return {
    ofCustomer: (customer: CustomerRow, group: Entry["group"]): Entry => ({
      id: `${group} ${customer.id}`,
      group,
      icon: <StatusShape {...INSTANCE_LOOK[customer.state]} size={16} turning={false} />,
      label: customer.name,
      note: customer.subdomain,
      state: t.instance[customer.state],
      act: () => void navigate({ to: "/customers/$customer", params: { customer: customer.id } }),
    }),
    ofRun: ({ run, customer }: RunDetail): Entry => ({
      id: `recent ${run.id}`,
      group: "recent",
      icon: <StatusShape {...RUN_LOOK[run.state]} size={16} turning={false} />,
      label: t.palette.run(run.number, customer.name),
      state: runWord(run, t),
      act: () => void navigate({ to: "/runs/$run", params: { run: run.id } }),
    }),
  };
}

/** What was last looked at. */
function useRecentEntries(): Entry[] {
  const visited = useRecent();
  const idsOf = (kind: Visited["kind"]) => visited.filter((one) => one.kind === kind).map(({ id }) => id);
  const customers = useCustomersById(idsOf("customer")).values();
  const runs = useRunsById(idsOf("run")).values();
  const { ofCustomer, ofRun } = useRecordEntries();
  return visited.flatMap(({ kind }) => {
    if (kind === "run") {
      const { value: run } = runs.next();
      return run === undefined ? [] : ofRun(run);
    }
    const { value: customer } = customers.next();
    return customer === undefined ? [] : ofCustomer(customer.row, "recent");
  });
}

/**
 * A customer's acts by what they are called: what is done, and whose name has the other words. A run is begun only for somebody
 * who is named, and only once it is known that nobody is called by all the words: those come first.
 */
function useNamedEntries(words: string, isKnown: boolean): Entry[] {
  const { t } = useI18n();
  const { labels, actsOf } = useCustomerActs();
  const between = t.palette.actFor("", "");
  const { act, rest } = parted(words, labels, between);
  const search = useDeferredValue(act.length === 0 ? "" : rest);
  const { data } = useCustomers({ search, sort: "updated", descending: false, limit: CUSTOMERS_SHOWN, offset: 0 });
  const names = wordsIn(rest);
  const rows = act.length === 0 ? [] : (data?.customers ?? []).filter((one) => names.every((word) => folded(`${one.name} ${one.subdomain}`).includes(word)));
  const details = useCustomersById(rows.map(({ id }) => id));
  const found = rows
    .flatMap((row, place) =>
      actsOf(row, details[place]?.links.map(({ target }) => target) ?? linksOf(row))
        .filter(({ id, label }) => act.every((word) => folded(label).includes(word)) && (id !== "provision" || (isKnown && names.length > 0)))
        .map((one) => ({ ...one, customer: row.id })),
    )
    .slice(0, CUSTOMERS_SHOWN);
  const group = new Set(found.map(({ customer }) => customer)).size > 1 ? "ofCustomers" : "ofCustomer";
  return found.map(({ id, customer, icon, named, act: perform }): Entry => ({ id: `act ${customer} ${id}`, group, icon, label: named, act: perform }));
}

/** And why the customers among them could not be read, where they could not. */
function useEntries(words: string, onHelp: () => void): { all: Entry[]; fault?: Error } {
  const { t } = useI18n();
  const acts = useActs({ onHelp });
  const { ofCustomer } = useRecordEntries();
  const search = useDeferredValue(words.trim());
  const { data, isPlaceholderData, error } = useCustomers({ search, sort: "updated", descending: false, limit: CUSTOMERS_SHOWN, offset: 0 });
  const visited = useRecentEntries();
  const offers = usePageOffers();
  const { actsOf } = useCustomerActs();
  const wanted = wordsIn(words);
  const isTyped = wanted.length > 0;
  const matches = (text: string) => wanted.every((word) => folded(text).includes(word));
  // While the answer to the newest words is on its way, those of the last one that still match are shown:
  // what Enter opens is always what was typed.
  const stale = isPlaceholderData || search !== words.trim();
  const named = useNamedEntries(words, !stale);
  const isRecent = (one: CustomerRow) => visited.some(({ id }) => id === `recent ${one.id}`);
  // Where nothing is typed, who was last looked at stands on top; else among those who are called so.
  const customers = (data?.customers ?? []).filter((one) => (isTyped || !isRecent(one)) && (!stale || matches(`${one.name} ${one.subdomain}`)));
  const isFound = (id: string) => isTyped && customers.some((one) => id === `recent ${one.id}`);
  const recent = visited.filter(({ id, label, note }) => !isFound(id) && matches(`${label} ${note ?? ""}`));
  // What one types a name for is often its instance: what can be done with the one on top, and its pages. A row knows some
  // of those; the customer itself all.
  const first = search === "" ? undefined : customers[0];
  const [detail] = useCustomersById(first === undefined ? [] : [first.id]);
  const ofFirst: Entry[] =
    first === undefined
      ? []
      : actsOf(first, detail?.links.map(({ target }) => target) ?? linksOf(first))
          // It is an entry itself.
          .filter(({ id }) => id !== "open")
          .map(({ id, icon, label, act }) => ({ id: `${first.id} ${id}`, group: "ofCustomer", over: t.palette.actionsFor(first.name), icon, label, act }));
  const ofPage = offers.flatMap(({ over, items }, place) =>
    items
      .filter(({ label }) => matches(label))
      .map(({ label, icon, onSelect }): Entry => ({
        id: `page ${place} ${label}`,
        group: "ofPage",
        over,
        icon: <Icon of={icon ?? ChevronRight} className="text-text-3" />,
        label,
        act: onSelect,
      })),
  );
  const found = customers.map((customer) => ofCustomer(customer, "customers"));
  const all = [
    // Where nothing is typed, what can be done here comes before everybody; else those who are called so.
    ...(isTyped ? [...found, ...ofFirst, ...ofPage, ...named, ...recent] : [...recent, ...ofPage, ...found]),
    ...acts
      .filter((act) => matches(act.label) && act.can?.() !== false)
      .map(({ icon, ...act }): Entry => ({ ...act, icon: <Icon of={icon} className="text-text-3" /> })),
  ];
  // Where what was read before is shown, the bar above the page says it.
  return { all, fault: data === undefined ? (error ?? undefined) : undefined };
}

/** Why nobody is listed. */
function Unread({ fault }: { fault: Error }) {
  const { t, language } = useI18n();
  const problem = problemOf(fault);
  const { title, words } = problem === undefined ? { title: t.errors.lost } : present(problem, language);
  return (
    <div role="alert" className="flex items-start gap-3 px-2 pt-2">
      <StatusShape shape="fail" tone="error" size={16} className="mt-0.5 flex-none [--hole:var(--raised)]" />
      <div className="min-w-0">
        {title}
        <OwnWords words={words} />
      </div>
    </div>
  );
}

/** A name, with what was typed of it. */
function Name({ label, words }: { label: string; words: readonly string[] }) {
  return (
    <span className="truncate">
      {highlighted(label, words).map(({ text, hit }, place) =>
        hit ? (
          <mark key={place} className="bg-transparent font-semibold text-text">
            {text}
          </mark>
        ) : (
          text
        ),
      )}
    </span>
  );
}

/** A key and what it does, in the line below the list. */
function KeyHint({ keys, children }: { keys: readonly string[]; children: string }) {
  return (
    <span className="inline-flex items-center gap-1.5 whitespace-nowrap">
      {keys.map((key) => (
        <Kbd key={key}>{keyLabel(key)}</Kbd>
      ))}
      {children}
    </span>
  );
}

export function CommandPalette({ onClose, onHelp }: CommandPaletteProps) {
  const { t } = useI18n();
  const [words, setWords] = useState("");
  // By what it is: the list may change between the arrow and Enter. None is the first.
  const [chosen, setChosen] = useState<string>();
  const input = useRef<HTMLInputElement>(null);
  // Its dialog moves the focus with the next frame, and keys pressed until then would be the page's. Not before it has seen
  // where the focus goes back to, either.
  const begun = useCallback((field: HTMLInputElement | null) => {
    input.current = field;
    queueMicrotask(() => field?.focus());
  }, []);
  const list = useId();
  const [actsAlone, setActsAlone] = useState(false);
  const { all, fault } = useEntries(words, onHelp);
  const entries = actsAlone ? all.filter(({ group }) => ACTS.has(group)) : all;
  // Once something is typed they are text: a domain has full stops.
  const hasKeys = useShortcuts().singleKeys && words === "";
  const typed = wordsIn(words);
  const at = Math.max(entries.findIndex(({ id }) => id === chosen), 0);

  const act = (entry: Entry | undefined) => {
    if (entry === undefined) return;
    onClose();
    entry.act();
  };
  const pressed = (event: KeyboardEvent) => {
    if (isComposing(event.nativeEvent)) return;
    if (event.key === "Enter") act(entries[at]);
    else if (event.key === "ArrowDown") setChosen(entries[Math.min(at + 1, entries.length - 1)]?.id);
    else if (event.key === "ArrowUp") setChosen(entries[Math.max(at - 1, 0)]?.id);
    else if (hasKeys && event.key === ".") {
      setActsAlone(!actsAlone);
      setChosen(undefined);
    } else if (hasKeys && event.key === "?") {
      onClose();
      onHelp();
    } else return;
    event.preventDefault();
  };

  return (
    <Base.Root open onOpenChange={(open) => !open && onClose()}>
      <Base.Portal>
        <Base.Backdrop className="fixed inset-0 z-40 bg-scrim" />
        <Base.Popup
          initialFocus={input}
          className="overlay-motion fixed inset-x-0 top-[104px] z-40 mx-auto w-[calc(100vw-32px)] max-w-[640px] overflow-hidden rounded-dialog border border-border bg-raised"
        >
          <Base.Title className="sr-only">{t.palette.title}</Base.Title>
          <div className="flex h-12 items-center gap-3 border-b border-border px-4 text-text-3">
            <Icon of={Search} />
            <input
              ref={begun}
              role="combobox"
              aria-expanded
              aria-controls={list}
              aria-activedescendant={entries[at] && `${list}-${at}`}
              aria-label={t.palette.title}
              value={words}
              placeholder={t.palette.placeholder}
              onChange={(event) => {
                setWords(event.target.value);
                setActsAlone(false);
                setChosen(undefined);
              }}
              onKeyDown={pressed}
              className="min-w-0 flex-1 bg-transparent text-heading text-text outline-none"
            />
            <Kbd>{keyLabel("Escape")}</Kbd>
          </div>
          {/* In a low window it scrolls within what is left between the field and the line of keys. */}
          <div className="max-h-[min(420px,calc(100vh-208px))] overflow-y-auto px-2 pb-2">
            {fault !== undefined && <Unread fault={fault} />}
            <div id={list} role="listbox" aria-label={t.palette.title}>
              {entries.length === 0 && fault === undefined && <p className="px-2 py-6 text-center text-text-2">{t.palette.nothing}</p>}
              {entries.map((entry, place) => (
                <div key={entry.id}>
                  {(entries[place - 1]?.group !== entry.group || entries[place - 1]?.over !== entry.over) && (
                    <div aria-hidden className="px-2 pt-3 pb-1 text-caption text-text-3">
                      {entry.over ?? t.palette[entry.group]}
                    </div>
                  )}
                  <div
                    id={`${list}-${place}`}
                    role="option"
                    aria-selected={place === at}
                    // What stands over the group is for the eyes: "Provision" alone doesn't say whom.
                    aria-description={entry.over}
                    tabIndex={-1}
                    onPointerMove={() => setChosen(entry.id)}
                    onClick={() => act(entry)}
                    onKeyDown={pressed}
                    ref={(element) => {
                      if (place === at) element?.scrollIntoView({ block: "nearest" });
                    }}
                    className={classes("flex h-9 items-center gap-3 rounded-control px-2", place === at && "bg-hover")}
                  >
                    <span className="flex w-4 flex-none justify-center text-text-3">{entry.icon}</span>
                    <Name label={entry.label} words={typed} />
                    {entry.note !== undefined && <span className="truncate text-caption text-text-3">{entry.note}</span>}
                    <span className="ml-auto flex items-center gap-1 [--hole:var(--raised)]">
                      {entry.state !== undefined && <span className="text-text-3">{entry.state}</span>}
                      {entry.shortcut !== undefined && <ShortcutHint of={entry.shortcut} />}
                    </span>
                  </div>
                </div>
              ))}
            </div>
          </div>
          <footer className="flex h-9 items-center gap-4 border-t border-border px-4 text-caption text-text-3">
            <KeyHint keys={["ArrowUp", "ArrowDown"]}>{t.palette.choose}</KeyHint>
            <KeyHint keys={["Enter"]}>{t.palette.open}</KeyHint>
            {hasKeys && (
              <>
                <KeyHint keys={["."]}>{actsAlone ? t.palette.everything : t.palette.allActions}</KeyHint>
                <span className="ml-auto">
                  <KeyHint keys={["?"]}>{t.shortcuts.names.help}</KeyHint>
                </span>
              </>
            )}
          </footer>
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}
