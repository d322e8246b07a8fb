/** What is wrong with a page as it stands: by axe, by its geometry, and by what is to be read on it. */

import type { Page } from "playwright";

/** What axe finds that is serious, by all its rules or by some. */
export async function violations(page: Page, rules?: readonly string[]): Promise<string[]> {
  return page.evaluate(async (runOnly) => {
    const { axe } = window as unknown as { axe: { run(root: Document, options: object): Promise<{ violations: { id: string; impact: string; nodes: { html: string; failureSummary: string }[] }[] }> } };
    const { violations: found } = await axe.run(document, { resultTypes: ["violations"], ...(runOnly === undefined ? {} : { runOnly }) });
    return found
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .flatMap(({ id, nodes }) => nodes.slice(0, 3).map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`));
  }, rules);
}

/** What is cut off: outside of the window, words that end in the middle where nothing tells the rest, or words over others beside them. */
export async function cutOff(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const name = (element: Element) => `${element.outerHTML.slice(0, 200)}…`;
    const shown = [...document.body.querySelectorAll<HTMLElement>("*")].filter((element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true }));
    const forReadersOnly = (element: HTMLElement) => {
      for (let one: HTMLElement | null = element; one !== null; one = one.parentElement) if (getComputedStyle(one).clipPath !== "none") return true;
      return false;
    };
    const scrolls = (element: Element | null, way: "X" | "Y"): boolean => {
      for (let one = element; one !== null && one !== document.body; one = one.parentElement) {
        const style = getComputedStyle(one);
        if (["auto", "scroll"].includes(style[`overflow${way}`])) return true;
      }
      return false;
    };
    /** The card that is to hold it; none where a box on the way there cuts or scrolls what is too wide. */
    const cardOf = (element: Element): Element | null => {
      for (let one = element.parentElement; one !== null; one = one.parentElement) {
        if (one.localName === "article") return one;
        if (getComputedStyle(one).overflowX !== "visible") return null;
      }
      return null;
    };
    const found: string[] = [];
    const wordsOf = (element: Element) => [...element.childNodes].filter((child) => child.nodeType === Node.TEXT_NODE && (child.textContent ?? "").trim() !== "");
    /** The lines of an element's own words, by the boxes around them. */
    const linesOf = (element: Element): DOMRect[] =>
      wordsOf(element).flatMap((text) => {
        const range = document.createRange();
        range.selectNodeContents(text);
        return [...range.getClientRects()];
      });
    const meet = (one: DOMRect, other: DOMRect) =>
      Math.min(one.right, other.right) - Math.max(one.left, other.left) > 1 && Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top) > 1;
    /** What was looked at already, by what it stands in. */
    const beside = new Map<Element | null, { element: Element; lines: DOMRect[] }[]>();
    for (const element of shown) {
      const box = element.getBoundingClientRect();
      if (box.width <= 1 || box.height <= 1 || forReadersOnly(element)) continue;
      if ((box.right > innerWidth + 0.5 || box.left < -0.5) && !scrolls(element, "X")) found.push(`beside the window: ${name(element)}`);
      // What stands for an answer on its way says nothing: it may end where the window does.
      const isInFor = element.closest("[aria-busy=true]") !== null;
      if ((box.bottom > innerHeight + 0.5 || box.top < -0.5) && !isInFor && !scrolls(element, "Y") && !scrolls(element, "X")) found.push(`below the window: ${name(element)}`);
      const style = getComputedStyle(element);
      // A log is as wide as its lines; nothing else is to be pushed sideways.
      if (["auto", "scroll"].includes(style.overflowX) && element.scrollWidth > element.clientWidth + 1 && element.matches(":not(pre)")) found.push(`to be scrolled sideways: ${name(element)}`);
      if (wordsOf(element).length === 0) continue;
      // A hint tells the rest of what is cut, but not of what lies over the border of its card.
      const card = cardOf(element)?.getBoundingClientRect();
      if (card !== undefined && (box.right > card.right + 0.5 || box.left < card.left - 0.5)) found.push(`words out of their card: ${element.textContent} in ${name(element)}`);
      // What is cut is told of below: where it would go on nothing is seen of it.
      const lines = linesOf(element).filter((line) => line.right <= box.right + 1);
      const others = beside.get(element.parentElement) ?? [];
      const under = others.find((other) => other.lines.some((line) => lines.some((own) => meet(own, line))));
      if (under !== undefined) found.push(`words over words: ${element.textContent} over ${under.element.textContent} in ${name(element)}`);
      beside.set(element.parentElement, [...others, { element, lines }]);
      const clips = style.overflowX === "hidden" || style.overflowX === "clip";
      // Where one can go is read at a glance: there a hint is not enough.
      const told = element.closest("[title]") !== null && element.closest("nav") === null;
      if (clips && element.scrollWidth > element.clientWidth + 1 && !told) found.push(`words cut: ${element.textContent} in ${name(element)}`);
      // Words that are wider than the box that holds them run over what stands beside it.
      if (!clips && style.display !== "inline" && element.scrollWidth > element.clientWidth + 1 && element.closest("pre") === null) found.push(`words run over: ${element.textContent} in ${name(element)}`);
    }
    return found;
  });
}

/** Controls that no pointer gets at, wherever the page is scrolled to: pushed out of a box that doesn't scroll, or under something else. */
export async function outOfReach(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const CONTROLS = "a[href], button, input, select, textarea, summary, [role=checkbox], [role=combobox], [role=menuitem], [role=option], [role=radio], [role=switch], [role=tab]";
    const DIALOGS = "[role=dialog]:not([aria-modal=false]), [role=menu]";
    /** They lie over the page, and go. */
    const MESSAGES = "[role=dialog][aria-modal=false], [role=alertdialog][aria-modal=false]";
    /** What a dialog or the page ends with: no message lies over that. */
    const FEET = `:is(${DIALOGS}) footer, [data-foot]`;
    const isShown = (element: Element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
    const ancestors = (element: Element): Element[] => (element.parentElement === null ? [] : [element.parentElement, ...ancestors(element.parentElement)]);
    const scrolls = (overflow: string) => ["auto", "scroll"].includes(overflow);
    const places = new Map([...document.querySelectorAll("*")].map((element) => [element, { left: element.scrollLeft, top: element.scrollTop }]));
    /** Scrolls as a wheel would: what only hides what is too much stays where it is. */
    const bring = (control: Element) => {
      control.scrollIntoView({ block: "center", inline: "nearest", behavior: "instant" });
      for (const one of ancestors(control)) {
        const { overflowX, overflowY } = getComputedStyle(one);
        const { left, top } = places.get(one) ?? { left: 0, top: 0 };
        if (!scrolls(overflowX)) one.scrollLeft = left;
        if (!scrolls(overflowY)) one.scrollTop = top;
      }
    };
    const isHit = (control: Element, x: number, y: number) => {
      const hit = document.elementsFromPoint(x, y).find((one) => control.closest(FEET) !== null || one.closest(MESSAGES) === null);
      return hit !== undefined && (control.contains(hit) || hit.closest("label")?.control === control);
    };
    // Behind an open dialog nothing is to be reached.
    const within = [...document.querySelectorAll(DIALOGS)].filter(isShown).at(-1) ?? document.body;
    const found: string[] = [];
    for (const control of within.querySelectorAll(CONTROLS)) {
      const box = control.getBoundingClientRect();
      const forReadersOnly = [control, ...ancestors(control)].some((one) => getComputedStyle(one).clipPath !== "none");
      if (!isShown(control) || box.width <= 1 || box.height <= 1 || forReadersOnly || control.closest("[inert], [aria-hidden=true]") !== null) continue;
      bring(control);
      // A link may go over several lines, and a name that ends in dots is hit where it begins.
      const line = [...control.getClientRects()].find(({ width, height }) => width > 1 && height > 1);
      const isReached = line !== undefined && [0.5, 0.1, 0.9].some((share) => isHit(control, line.left + line.width * share, line.top + line.height / 2));
      if (!isReached) found.push(`out of reach: ${control.outerHTML.slice(0, 200)}…`);
    }
    for (const [element, { left, top }] of places) {
      if (element.scrollLeft !== left) element.scrollLeft = left;
      if (element.scrollTop !== top) element.scrollTop = top;
    }
    return found;
  });
}

/** All that is to be read or heard, but for what is marked as a language of its own, or as no text. */
export async function words(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const language = document.documentElement.lang;
    const found = new Set<string>([document.title]);
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      const element = node instanceof Element ? node : node.parentElement;
      if (element === null || ["SCRIPT", "STYLE"].includes(element.tagName)) continue;
      if (element.closest("[lang]")?.getAttribute("lang") !== language || element.closest("[translate=no], code, pre, .mono, kbd") !== null) continue;
      if (node instanceof Element) {
        for (const attribute of ["aria-label", "title", "placeholder", "alt", "aria-description"]) found.add(element.getAttribute(attribute) ?? "");
      } else {
        // A name of which a part is marked is one name.
        const marked = element.closest("mark") ?? element.querySelector(":scope > mark");
        found.add((marked?.parentElement ?? node).textContent ?? "");
      }
    }
    return [...found].map((text) => text.replace(/\s+/g, " ").trim()).filter((text) => /\p{L}{2}/u.test(text));
  });
}
