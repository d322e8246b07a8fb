/** The parts of the bar over a list: words to filter by, and tabs with how many each stands for. */

import { useRouter } from "@tanstack/react-router";
import { Search } from "lucide-react";
import { type ReactNode, type RefObject, useEffect, useRef, useState } from "react";

import { useI18n } from "@/i18n/I18nProvider";

import { isComposing } from "./composing";
import { Input } from "./Field";
import { textOf } from "./given";
import { Icon } from "./Icon";
import type { Look } from "./states";
import { StatusShape } from "./StatusShape";
import { useSteady } from "./useSteady";

/** The list is asked for at the first letter, and after that when the typing has rested for so long. */
const REST_MS = 80;

export function FilterBar({ children }: { children: ReactNode }) {
  return (
    <div className="flex min-h-11 flex-none flex-wrap items-center gap-x-3 gap-y-1 border-b border-border py-1 pr-4 pl-6">
      {children}
    </div>
  );
}

interface FilterInputProps {
  label: string;
  /** The words that the list is of: `q` of the address. */
  words: string | undefined;
  onWords(words: string | undefined): void;
  input: RefObject<HTMLInputElement | null>;
  /** The key that leads to it. */
  hint?: ReactNode;
}

export function FilterInput({ label, words, onWords, input, hint }: FilterInputProps) {
  const [typed, setTyped] = useState(words ?? "");
  const router = useRouter();
  // The newest address, which the page may not have followed yet; of several in a row it may never show but the last.
  const addressed = () => textOf((router.latestLocation.search as { q?: unknown }).q);
  // What was told last: other words than these come from elsewhere, from the way back or a link.
  const told = useRef(words);
  const changed = useRef(Number.NEGATIVE_INFINITY);
  const resting = useRef<ReturnType<typeof setTimeout>>(undefined);
  const tell = useSteady((text: string) => {
    const next = text.trim() === "" ? undefined : text;
    if (next === told.current && next === addressed()) return;
    told.current = next;
    onWords(next);
  });
  const change = (text: string) => {
    setTyped(text);
    clearTimeout(resting.current);
    const before = changed.current;
    changed.current = performance.now();
    // In the event itself: an effect would come after the paint of the letter, a frame later.
    if (changed.current - before >= REST_MS) tell(text);
    else resting.current = setTimeout(() => tell(text), REST_MS);
  };
  useEffect(() => () => clearTimeout(resting.current), []);
  useEffect(() => {
    // Newer ones are on their way, or what was typed meanwhile is in the box.
    if (words !== addressed() || words === told.current) return;
    told.current = words;
    clearTimeout(resting.current);
    setTyped(words ?? "");
  }, [words]);
  return (
    <Input
      body
      ref={input}
      // It gives way to what else filters before that takes another line.
      className="w-36 max-w-52 grow"
      before={<Icon of={Search} small />}
      after={hint}
      aria-label={label}
      placeholder={label}
      value={typed}
      onChange={(event) => change(event.target.value)}
      onKeyDown={(event) => {
        // One that is pressed while a word is composed gives up that word alone.
        if (event.key !== "Escape" || isComposing(event.nativeEvent)) return;
        if (typed === "") event.currentTarget.blur();
        change("");
      }}
    />
  );
}

export interface FilterTab<Value extends string> {
  /** None stands for everything. */
  value: Value | undefined;
  word: string;
  look?: Look;
  /** None while it is not known. */
  count: number | undefined;
}

interface FilterTabsProps<Value extends string> {
  label: string;
  tabs: readonly FilterTab<Value>[];
  chosen: Value | undefined;
  onChoose(value: Value | undefined): void;
}

/** In a narrow window on a line of their own, under all else that filters. */
export function FilterTabs<Value extends string>({ label, tabs, chosen, onChoose }: FilterTabsProps<Value>) {
  const { format } = useI18n();
  return (
    <div role="group" aria-label={label} className="flex flex-wrap gap-0.5 max-roomy:order-last max-roomy:basis-full">
      {tabs.map(({ value, word, look, count }) => (
        <button
          key={value ?? ""}
          type="button"
          className="inline-flex h-7 items-center gap-1.5 whitespace-nowrap rounded-control px-2 text-text-2 transition-colors duration-100 hover:bg-hover aria-current:bg-hover aria-current:font-medium aria-current:text-text"
          aria-current={chosen === value || undefined}
          onClick={() => onChoose(value)}
        >
          {look !== undefined && <StatusShape {...look} size={12} turning={false} />}
          {word}
          {count !== undefined && <span className="text-caption font-normal text-text-3">{format.number(count)}</span>}
        </button>
      ))}
    </div>
  );
}
