/** A choice of one among few. */

import { Select as Base } from "@base-ui/react/select";
import { Check, ChevronDown } from "lucide-react";
import type { AriaAttributes } from "react";

import { buttonClass } from "./Button";
import { classes } from "./classes";
import { Icon } from "./Icon";

export interface Option<Value extends string> {
  value: Value;
  label: string;
  /** A second, quieter word. */
  note?: string;
}

/** In a form it is given what ties it to its label, help and faults. */
interface SelectProps<Value extends string> extends Pick<AriaAttributes, "aria-describedby" | "aria-invalid"> {
  /** None of them, where it is undefined: what then stands there is the placeholder. */
  value: Value | undefined;
  placeholder?: string;
  options: readonly Option<Value>[];
  onChange(value: Value): void;
  /** Its name, where no label is tied to it. */
  label?: string;
  id?: string;
  /** As a quiet button in a bar rather than a form's field. */
  quiet?: boolean;
  /** Before the value, in the button: what is chosen here. */
  lead?: string;
  disabled?: boolean;
}

export function Select<Value extends string>({ value, placeholder, options, onChange, label, id, quiet, lead, disabled, ...tied }: SelectProps<Value>) {
  const items = Object.fromEntries(options.map((option) => [option.value, option.label]));
  return (
    <Base.Root items={items} value={value ?? null} disabled={disabled} onValueChange={(next) => next !== null && onChange(next as Value)}>
      <Base.Trigger
        {...tied}
        id={id}
        aria-label={label}
        className={
          quiet
            ? classes(buttonClass({ kind: "ghost", small: lead !== undefined }), lead !== undefined && "min-w-0 font-normal")
            : "flex h-7 w-full items-center justify-between gap-2 rounded-control border border-border-strong bg-surface px-2 text-form aria-invalid:border-error data-disabled:text-text-3"
        }
      >
        <span className="min-w-0 truncate">
          {lead !== undefined && `${lead} `}
          <Base.Value placeholder={placeholder} />
        </span>
        <Base.Icon>
          <Icon of={ChevronDown} small />
        </Base.Icon>
      </Base.Trigger>
      <Base.Portal>
        <Base.Positioner sideOffset={4} alignItemWithTrigger={false} className="z-50">
          <Base.Popup className="overlay-motion max-h-80 min-w-(--anchor-width) overflow-y-auto rounded-card border border-border bg-raised p-1">
            {options.map((option) => (
              <Base.Item
                key={option.value}
                value={option.value}
                className={classes("flex h-7 items-center gap-2 rounded-chip pr-3 pl-2 outline-none data-highlighted:bg-hover")}
              >
                <span className="w-3.5">
                  <Base.ItemIndicator>
                    <Icon of={Check} small />
                  </Base.ItemIndicator>
                </span>
                <Base.ItemText>{option.label}</Base.ItemText>
                {option.note !== undefined && <span className="ml-auto pl-4 text-caption text-text-3">{option.note}</span>}
              </Base.Item>
            ))}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
