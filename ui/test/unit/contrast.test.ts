/** Every pair of colours that is used for text, shapes and rings, against WCAG 2.2 AA. */

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const css = readFileSync(new URL("../../src/styles/tokens.css", import.meta.url), "utf8");

type Oklch = readonly [number, number, number];

function tokensOf(selector: string): Map<string, Oklch> {
  const start = css.indexOf(`${selector} {`);
  const block = css.slice(start, css.indexOf("}", start));
  return new Map(
    [...block.matchAll(/--([\w-]+): oklch\(([\d.]+) ([\d.]+) ([\d.]+)\)/g)].map(([, name = "", l, c, h]) => [
      name,
      [Number(l), Number(c), Number(h)] as const,
    ]),
  );
}

/** Relative luminance by way of OKLab and linear sRGB, cut to the gamut. */
function luminance([l, c, h]: Oklch): number {
  const a = c * Math.cos((h * Math.PI) / 180);
  const b = c * Math.sin((h * Math.PI) / 180);
  const long = (l + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const medium = (l - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const short = (l - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const cut = (value: number) => Math.min(1, Math.max(0, value));
  const red = cut(4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short);
  const green = cut(-1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short);
  const blue = cut(-0.0041960863 * long - 0.7034186147 * medium + 1.707614701 * short);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: Oklch, other: Oklch): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

const TEXT = ["text", "text-2", "text-3", "accent", "ok", "warn", "error", "info", "idle"];
const GROUNDS = ["canvas", "surface", "raised", "hover"];

describe.each([":root", '[data-theme="dark"]'])("%s", (selector) => {
  const tokens = tokensOf(selector);
  const ratio = (one: string, other: string) => {
    const [first, second] = [tokens.get(one), tokens.get(other)];
    if (first === undefined || second === undefined) throw new Error(`no token ${one} or ${other}`);
    return contrast(first, second);
  };

  it.each(TEXT.flatMap((text) => GROUNDS.map((ground) => [text, ground] as const)))("%s is read on %s", (text, ground) => {
    expect(ratio(text, ground)).toBeGreaterThanOrEqual(4.5);
  });
  it.each(["ok", "warn", "error", "info"])("%s, text and quiet text are read on its own ground", (tone) => {
    for (const text of [tone, "text", "text-2"]) expect(ratio(text, `${tone}-bg`)).toBeGreaterThanOrEqual(4.5);
  });
  it.each(["accent", "error"])("a filled button's words are read on %s", (ground) => {
    expect(ratio("on-accent", ground)).toBeGreaterThanOrEqual(4.5);
  });
  it.each(["ring", "border-strong"])("%s is seen on every ground", (line) => {
    for (const ground of GROUNDS) expect(ratio(line, ground)).toBeGreaterThanOrEqual(3);
  });
  it.each(["canvas", "surface", "raised"])("a skeleton, which says nothing by itself, is still made out on %s", (ground) => {
    expect(ratio("skeleton", ground)).toBeGreaterThanOrEqual(1.2);
  });
});

it("the skeletons of rows look like every other", () => {
  const base = readFileSync(new URL("../../src/styles/base.css", import.meta.url), "utf8");
  for (const utility of ["skeleton", "rows-to-come"]) {
    const [, rules = ""] = base.split(`@utility ${utility} {`);
    expect(rules.slice(0, rules.indexOf("\n}")), utility).toContain("var(--skeleton)");
  }
});

it("computes what the standard's own example gives", () => {
  expect(contrast([1, 0, 0], [0, 0, 0])).toBeCloseTo(21, 1);
});
