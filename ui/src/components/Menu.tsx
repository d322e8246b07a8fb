/** A menu of actions under a button. */

import { Menu as Base } from "@base-ui/react/menu";
import type { ReactElement } from "react";

import { classes } from "./classes";

export interface MenuItem {
  label: string;
  onSelect(): void;
  disabled?: boolean;
  /** It takes something away. */
  danger?: boolean;
}

interface MenuProps {
  trigger: ReactElement;
  items: readonly MenuItem[];
  open?: boolean;
  onOpenChange?(open: boolean): void;
}

export function Menu({ trigger, items, open, onOpenChange }: MenuProps) {
  return (
    <Base.Root open={open} onOpenChange={onOpenChange}>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner sideOffset={4} align="end" className="z-50">
          <Base.Popup className="overlay-motion min-w-44 rounded-card border border-border bg-raised p-1">
            {items.map((item) => (
              <Base.Item
                key={item.label}
                disabled={item.disabled}
                onClick={item.onSelect}
                className={classes(
                  "flex h-7 items-center rounded-chip px-2 outline-none data-disabled:text-text-3 data-highlighted:bg-hover",
                  item.danger && "text-error",
                )}
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
