/** A choice of one among a few that each need room to say what they are. */

import { Radio } from "@base-ui/react/radio";
import { RadioGroup } from "@base-ui/react/radio-group";
import type { ReactNode } from "react";

export function ChoiceCards<Value extends string>({ label, value, onChange, children }: {
  label: string;
  value: Value;
  onChange(value: Value): void;
  children: ReactNode;
}) {
  return (
    <RadioGroup aria-label={label} value={value} onValueChange={(next) => onChange(next as Value)} className="grid gap-2">
      {children}
    </RadioGroup>
  );
}

/** The whole card is the radio's label. */
export function ChoiceCard({ value, children }: { value: string; children: ReactNode }) {
  return (
    <label className="flex items-start gap-3 rounded-card border border-border px-4 py-3 hover:bg-hover has-data-checked:border-accent has-data-checked:outline has-data-checked:outline-accent">
      <Radio.Root
        value={value}
        className="mt-0.5 grid size-4 flex-none place-items-center rounded-full border border-border-strong bg-surface data-checked:border-accent"
      >
        <Radio.Indicator className="size-2 rounded-full bg-accent" />
      </Radio.Root>
      <span className="min-w-0 flex-1">{children}</span>
    </label>
  );
}
