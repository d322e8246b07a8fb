/** The window's history, for the router: what a letter asks for is drawn before the address tells it. */

import { createHashHistory, type RouterHistory } from "@tanstack/react-router";

/** How long an address has to stand before the browser is told of it. */
const STANDS_MS = 200;

/**
 * The page's own address. One that takes another's place is told to the browser once it has stood for a moment, or before
 * another is put upon it. Each is a message to the browser's own process and an entry of its session, while it has rows to
 * draw; and WebKit refuses more than a hundred within seconds. The router knows it at once.
 */
export function createWindowHistory(): RouterHistory {
  const { history } = window;
  let waiting: { of: string; state: unknown; url?: string | URL | null; timer: ReturnType<typeof setTimeout> } | undefined;
  const drop = () => {
    clearTimeout(waiting?.timer);
    waiting = undefined;
  };
  const tell = () => {
    if (waiting === undefined) return;
    const { of, state, url } = waiting;
    drop();
    // Who went elsewhere by themselves has left the entry that it was for.
    if (window.location.href === of) history.replaceState(state, "", url);
  };
  // Who reloads the page comes back to what it shows.
  window.addEventListener("pagehide", tell);
  window.addEventListener("popstate", drop);
  return createHashHistory({
    window: {
      document,
      location: window.location,
      addEventListener: window.addEventListener.bind(window),
      removeEventListener: window.removeEventListener.bind(window),
      history: {
        get state(): unknown {
          return waiting === undefined ? history.state : waiting.state;
        },
        get length() {
          return history.length;
        },
        replaceState(state: unknown, _: string, url?: string | URL | null) {
          drop();
          waiting = { of: window.location.href, state, url, timer: setTimeout(tell, STANDS_MS) };
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
