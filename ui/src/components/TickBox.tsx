/** A box to tick in a list: small to look at, large enough to hit, and it tells whether Shift was held. */

import { Check, Minus } from "lucide-react";

import { classes } from "./classes";

interface TickBoxProps {
  label: string;
  /** `mixed`: some of what it stands for. */
  checked: boolean | "mixed";
  onChange(checked: boolean, shift: boolean): void;
  tabIndex?: number;
}

export function TickBox({ label, checked, onChange, tabIndex }: TickBoxProps) {
  const Mark = checked === "mixed" ? Minus : Check;
  return (
    <button
      type="button"
      role="checkbox"
      aria-checked={checked}
      aria-label={label}
      tabIndex={tabIndex}
      onClick={(event) => {
        event.stopPropagation();
        onChange(checked !== true, event.shiftKey);
      }}
      // A range that is chosen with Shift would mark the text between.
      onMouseDown={(event) => event.shiftKey && event.preventDefault()}
      className="grid size-6 place-items-center rounded-chip align-middle"
    >
      <span
        className={classes(
          "grid size-3.5 place-items-center rounded-chip border",
          checked === false ? "border-border-strong bg-surface" : "border-accent bg-accent text-on-accent",
        )}
      >
        {checked !== false && <Mark aria-hidden size={10} strokeWidth={3} />}
      </span>
    </button>
  );
}
