/** A choice of yes or no, with its words. */

import { Checkbox as Base } from "@base-ui/react/checkbox";
import { Check } from "lucide-react";

interface CheckboxProps {
  label: string;
  checked: boolean;
  onChange(checked: boolean): void;
}

export function Checkbox({ label, checked, onChange }: CheckboxProps) {
  return (
    <label className="inline-flex min-h-6 items-center gap-2">
      <Base.Root
        checked={checked}
        onCheckedChange={onChange}
        className="grid size-3.5 flex-none place-items-center rounded-chip border border-border-strong bg-surface text-on-accent data-checked:border-accent data-checked:bg-accent"
      >
        <Base.Indicator>
          <Check aria-hidden size={10} strokeWidth={3} />
        </Base.Indicator>
      </Base.Root>
      {label}
    </label>
  );
}
