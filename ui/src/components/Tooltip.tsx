/** A word on what a control does, after a moment's rest on it. */

import { Tooltip as Base } from "@base-ui/react/tooltip";
import type { ReactElement } from "react";

export const TooltipProvider = Base.Provider;

export function Tooltip({ text, children }: { text: string; children: ReactElement }) {
  return (
    <Base.Root>
      <Base.Trigger render={children} />
      <Base.Portal>
        <Base.Positioner sideOffset={6} className="z-50">
          <Base.Popup className="overlay-motion rounded-control border border-border bg-raised px-2 py-1 text-caption text-text">
            {text}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
