/** The customers that are chosen in the list, whatever is in view. */

import { useEffect, useRef, useState } from "react";

import type { CustomerId, CustomerRow } from "@/backend/bindings";
import type { CustomerWindow } from "@/backend/queries";
import { useFailed } from "@/errors/useFailed";

/** As many as can be chosen at once. */
export const MOST_CHOSEN = 500;

export interface Selection {
  chosen: ReadonlyMap<CustomerId, CustomerRow>;
  has(customer: CustomerId): boolean;
  /** Chooses the row at a place, or no longer; with `range`, all from the last one. */
  choose(row: CustomerRow, place: number, on: boolean, range: boolean): void;
  /** Chooses everything that the list has, as far as that goes. */
  chooseAll(): void;
  clear(): void;
}

/** `order`: what the list is of and how it is sorted; in another one a place is somebody else's. */
export function useSelection(list: CustomerWindow, order: string): Selection {
  const [chosen, setChosen] = useState<ReadonlyMap<CustomerId, CustomerRow>>(new Map());
  const anchor = useRef<number>(undefined);
  useEffect(() => {
    anchor.current = undefined;
  }, [order]);
  const failed = useFailed();

  const change = (rows: readonly CustomerRow[], on: boolean) =>
    setChosen((before) => {
      const after = new Map(before);
      for (const row of rows) {
        if (!on) after.delete(row.id);
        else if (after.has(row.id) || after.size < MOST_CHOSEN) after.set(row.id, row);
      }
      return after;
    });

  return {
    chosen,
    has: (customer) => chosen.has(customer),
    choose(row, place, on, range) {
      const from = anchor.current;
      anchor.current = place;
      change([row], on);
      // Rows between that are out of view are asked for. Where they can't be had, they stay as they are.
      if (range && from !== undefined) void list.between(from, place).then((rows) => change(rows, on), failed);
    },
    chooseAll: () => void list.between(0, MOST_CHOSEN - 1).then((rows) => change(rows, true), failed),
    clear() {
      anchor.current = undefined;
      setChosen(new Map());
    },
  };
}
