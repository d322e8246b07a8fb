/** The window's history, for the router: what a letter asks for is drawn before the address tells it. */

import { createHashHistory, type RouterHistory } from "@tanstack/react-router";

/** How long an address has to stand before the browser is told of it. */
const STANDS_MS = 200;

/**
 * The page's own address. One that takes another's place is told to the browser once it has stood for a moment, or before
 * another is put upon it: each is a message to the browser's own process, while the page has rows to draw, and WebKit refuses
 * more than a hundred within seconds. The router knows it at once. Who loads the page again, or goes back by the browser's
 * own means, within that moment has left the address before.
 */
export function createWindowHistory(): RouterHistory {
  const { history, location } = window;
  let waiting: { state: unknown; url: string; timer: ReturnType<typeof setTimeout> } | undefined;
  const drop = () => {
    clearTimeout(waiting?.timer);
    waiting = undefined;
  };
  const tell = () => {
    if (waiting === undefined) return;
    const { state, url } = waiting;
    drop();
    history.replaceState(state, "", url);
  };
  // Who went elsewhere by themselves has left the entry that it was for.
  window.addEventListener("popstate", drop);
  return createHashHistory({
    window: {
      document,
      location,
      addEventListener: window.addEventListener.bind(window),
      removeEventListener: window.removeEventListener.bind(window),
      history: {
        get state(): unknown {
          return history.state;
        },
        get length() {
          return history.length;
        },
        replaceState(state: unknown, _: string, given?: string | URL | null) {
          drop();
          const url = new URL(given ?? location.href, location.href).href;
          // What an entry is to do is no address: once done it must not be found there again.
          if (url === location.href) history.replaceState(state, "", url);
          else waiting = { state, url, timer: setTimeout(tell, STANDS_MS) };
        },
        pushState(state: unknown, _: string, url?: string | URL | null) {
          tell();
          history.pushState(state, "", url);
        },
        back() {
          tell();
          history.back();
        },
        forward() {
          tell();
          history.forward();
        },
        go(by?: number) {
          tell();
          history.go(by);
        },
      },
    },
  });
}
