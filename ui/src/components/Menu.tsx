/** A menu of actions under a button. */

import { Menu as Base } from "@base-ui/react/menu";
import { Check, type LucideIcon } from "lucide-react";
import type { FocusEvent, ReactElement } from "react";

import { classes } from "./classes";
import { Icon } from "./Icon";
import type { Option } from "./Select";

export interface MenuItem {
  label: string;
  onSelect(): void;
  disabled?: boolean;
  /** What it is known by in the palette. */
  icon?: LucideIcon;
  /** It takes something away. */
  danger?: boolean;
}

/** One of several that is the one now; choosing another does something. */
interface Choice {
  label: string;
  value: string | undefined;
  options: readonly Option<string>[];
  disabled?: boolean;
  onChange(value: string): void;
}

interface MenuProps {
  trigger: ReactElement;
  /** Stands before the actions. */
  choice?: Choice;
  items?: readonly MenuItem[];
  /** Which of its sides is in line with the button's. */
  align?: "start" | "end";
  open?: boolean;
  onOpenChange?(open: boolean): void;
}

const ITEM = "flex h-7 items-center rounded-chip px-2 outline-none data-disabled:text-text-3 data-highlighted:bg-hover";

function Choices({ label, value, options, disabled, onChange }: Choice) {
  return (
    <Base.RadioGroup aria-label={label} value={value ?? null} onValueChange={(next: string) => onChange(next)}>
      {options.map((option) => (
        <Base.RadioItem key={option.value} value={option.value} disabled={disabled} closeOnClick className={classes(ITEM, "gap-2")}>
          <span className="flex w-4 flex-none justify-center">
            <Base.RadioItemIndicator>
              <Icon of={Check} small />
            </Base.RadioItemIndicator>
          </span>
          <span className="min-w-0 flex-1 truncate" title={option.label}>
            {option.label}
          </span>
          {option.note !== undefined && <span className="text-caption whitespace-nowrap text-text-3">{option.note}</span>}
        </Base.RadioItem>
      ))}
    </Base.RadioGroup>
  );
}

/** A menu that was opened by key has something chosen at once: its first entry, rather than a ring around it all. */
function beginAtFirst({ target, currentTarget }: FocusEvent<HTMLElement>) {
  if (target !== currentTarget || !currentTarget.matches(":focus-visible")) return;
  currentTarget.querySelector<HTMLElement>("[role^=menuitem]:not([aria-disabled=true])")?.focus();
}

export function Menu({ trigger, choice, items = [], align = "end", open, onOpenChange }: MenuProps) {
  return (
    <Base.Root open={open} onOpenChange={onOpenChange}>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner sideOffset={4} align={align} className="z-50">
          <Base.Popup onFocus={beginAtFirst} className="overlay-motion max-w-80 min-w-44 outline-none rounded-card border border-border bg-raised p-1">
            {choice !== undefined && <Choices {...choice} />}
            {choice !== undefined && items.length > 0 && <Base.Separator className="my-1 h-px bg-border" />}
            {items.map((item) => (
              <Base.Item
                key={item.label}
                disabled={item.disabled}
                onClick={item.onSelect}
                className={classes(ITEM, item.danger && "text-error")}
              >
                {item.label}
              </Base.Item>
            ))}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
