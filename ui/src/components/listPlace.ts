/** What a list leaves behind for the way back to it, as long as the window is open: what it was asked for, and how far
 * it was scrolled. */

import { type RefObject, useEffect, useLayoutEffect, useRef } from "react";

const LISTS = ["customers", "runs"] as const;
type ListName = (typeof LISTS)[number];

interface Place {
  /** The list that it is a place in. */
  of: string;
  top: number;
}

const searchKey = (list: ListName) => `fabrik.${list}.search`;
const placeKey = (list: ListName) => `fabrik.${list}.place`;

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
  for (const list of LISTS) for (const key of [searchKey(list), placeKey(list)]) sessionStorage.removeItem(key);
}

/** Scrolls a list to where one left it; another one, by what it is `of`, begins at its top. */
export function useKeptPlace(list: ListName, scroller: RefObject<HTMLElement | null>, of: string) {
  const shown = useRef<string>(undefined);
  useEffect(() => {
    if (scroller.current === null || shown.current === of) return;
    const kept = shown.current === undefined ? sessionStorage.getItem(placeKey(list)) : null;
    const place = kept === null ? undefined : (JSON.parse(kept) as Place);
    scroller.current.scrollTop = place?.of === of ? place.top : 0;
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
