/** What can be done with what a page shows, or with what is chosen there: the page says it, the palette lists it. */

import { createContext, type ReactNode, type RefObject, useContext, useEffect, useRef, useState } from "react";

import type { MenuItem } from "@/components/Menu";

import { isPageCovered } from "./ShortcutProvider";

interface Offer {
  /** What the acts are for. */
  over: string;
  items: readonly MenuItem[];
}

type Offers = Set<RefObject<Offer>>;

const OffersContext = createContext<Offers | null>(null);

export function PageActsProvider({ children }: { children: ReactNode }) {
  const [offers] = useState<Offers>(() => new Set());
  return <OffersContext value={offers}>{children}</OffersContext>;
}

function useOffers(): Offers {
  const offers = useContext(OffersContext);
  if (offers === null) throw new Error("no PageActsProvider above");
  return offers;
}

/** Offers the items while this is on the screen; none, and nothing is offered. */
export function usePageActs(over: string, items: readonly MenuItem[]) {
  const offers = useOffers();
  const latest = useRef<Offer>({ over, items });
  useEffect(() => {
    latest.current = { over, items };
  });
  useEffect(() => {
    offers.add(latest);
    return () => void offers.delete(latest);
  }, [offers]);
}

/** What is offered now, the newest first; nothing while a dialog is over the page. What takes something away is left to the page, where it is asked about. */
export function usePageOffers(): Offer[] {
  const offers = useOffers();
  if (isPageCovered()) return [];
  return [...offers]
    .map(({ current }) => ({ ...current, items: current.items.filter(({ danger, disabled }) => danger !== true && disabled !== true) }))
    .filter(({ items }) => items.length > 0)
    .toReversed();
}
