/** What no removal touches, and why. */

import { StatusShape } from "@/components/StatusShape";

export interface Staying {
  key: string;
  what: string;
  name: string;
  why: string;
}

export function StayingItem({ what, name, why }: Omit<Staying, "key">) {
  return (
    <li className="grid grid-cols-[20px_minmax(0,1fr)_minmax(0,1fr)] items-baseline gap-x-2 px-3 py-1.5 not-first:border-t not-first:border-border">
      <StatusShape shape="skip" tone="idle" className="translate-y-[2px] justify-self-end" />
      <span>
        {what}
        <span className="block text-caption text-text-3">{why}</span>
      </span>
      <span className="mono truncate text-right text-text-2" title={name}>
        {name}
      </span>
    </li>
  );
}
