/** What a list leaves behind for the way back to it, as long as the window is open: what it was asked for, and how far
 * it was scrolled, and the row that the keyboard stood on. */

import { type RefObject, useEffect, useLayoutEffect, useRef, useState } from "react";

const LISTS = ["customers", "runs"] as const;
type ListName = (typeof LISTS)[number];

interface Place {
  /** The list that it is a place in. */
  of: string;
  top: number;
}

const searchKey = (list: ListName) => `fabrik.${list}.search`;
const placeKey = (list: ListName) => `fabrik.${list}.place`;
const rowKey = (list: ListName) => `fabrik.${list}.row`;

/** A row that the keyboard stands on: by its id, and where it was, until the list is read again. */
export interface KeptRow<Id> {
  id?: Id;
  index: number;
}

/** What the list was asked for last; to be read as an address is. */
export function keptSearch(list: ListName): Record<string, unknown> {
  return JSON.parse(sessionStorage.getItem(searchKey(list)) ?? "{}") as Record<string, unknown>;
}

export function useKeepSearch(list: ListName, search: object) {
  const text = JSON.stringify(search);
  useEffect(() => sessionStorage.setItem(searchKey(list), text), [list, text]);
}

/** Before another workspace is opened in the window: its lists are others. */
export function forgetLists() {
  for (const list of LISTS) for (const key of [searchKey(list), placeKey(list), rowKey(list)]) sessionStorage.removeItem(key);
}

/** Scrolls a list to where one left it; another one, by what it is `of`, begins at its top. */
export function useKeptPlace(list: ListName, scroller: RefObject<HTMLElement | null>, of: string) {
  const shown = useRef<string>(undefined);
  const top = useRef(0);
  useEffect(() => {
    const element = scroller.current;
    if (element === null) return undefined;
    const follow = () => {
      top.current = element.scrollTop;
    };
    element.addEventListener("scroll", follow, { passive: true });
    return () => element.removeEventListener("scroll", follow);
  }, [scroller]);
  useEffect(() => {
    if (scroller.current === null || shown.current === of) return;
    const kept = shown.current === undefined ? sessionStorage.getItem(placeKey(list)) : null;
    const place = kept === null ? undefined : (JSON.parse(kept) as Place);
    const wanted = place?.of === of ? place.top : 0;
    // Whatever touches it has the list laid out at once, before the frame that does so anyhow: not where it is there.
    if (wanted !== top.current) scroller.current.scrollTop = wanted;
    top.current = wanted;
    shown.current = of;
  }, [list, scroller, of]);
  // While the page is still drawn: what is taken away is scrolled nowhere.
  useLayoutEffect(
    () => () => {
      if (scroller.current === null || shown.current === undefined) return;
      const place: Place = { of: shown.current, top: scroller.current.scrollTop };
      sessionStorage.setItem(placeKey(list), JSON.stringify(place));
    },
    [list, scroller],
  );
}

/** The row that the keyboard stood on when one left this list, by what it is `of`; and keeps the one that it stands on now. */
export function useKeptRow<Id extends string>(list: ListName, of: string): [KeptRow<Id> | undefined, (row: KeptRow<Id> | undefined) => void] {
  const [kept] = useState(() => {
    const text = sessionStorage.getItem(rowKey(list));
    const found = text === null ? undefined : (JSON.parse(text) as KeptRow<Id> & { of: string });
    return found?.of === of ? { id: found.id, index: found.index } : undefined;
  });
  const keep = (row: KeptRow<Id> | undefined) => {
    if (row !== undefined) sessionStorage.setItem(rowKey(list), JSON.stringify({ ...row, of }));
  };
  return [kept, keep];
}
