import { describe, expect, it } from "vitest";

import { createFormat, weekOf } from "@/i18n/format";

/** Spaces that `Intl` keeps from breaking are spaces to a reader. */
const plain = (text: string) => text.replace(/\s/g, " ").replace("−", "-");
const sv = createFormat("sv");
const en = createFormat("en");
const now = new Date(2026, 10, 21, 13, 56, 41).getTime();
const before = (ms: number) => new Date(now - ms).toISOString();
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe("Swedish", () => {
  it("writes money, numbers and dates as a Swede does", () => {
    expect(plain(sv.money({ amount: "1234.56", currency: "SEK" }))).toBe("1 234,56 kr");
    expect(plain(sv.number(2310))).toBe("2 310");
    expect(sv.date(before(0))).toBe("2026-11-21");
    expect(sv.time(before(0))).toBe("13:56");
  });

  it("tells ages in a column", () => {
    expect(sv.age(before(5000), now)).toBe("nu");
    expect(sv.age(before(4 * MINUTE), now)).toBe("4 min");
    expect(sv.age(before(5 * HOUR), now)).toBe("5 tim");
    expect(sv.age(before(20 * HOUR), now)).toBe("i går");
    expect(sv.age(before(72 * HOUR), now)).toBe("2026-11-18");
  });

  it("tells moments and lengths", () => {
    expect(sv.moment(before(HOUR), now)).toBe("12:56");
    expect(sv.moment(before(20 * HOUR), now)).toBe("i går 17:56");
    expect(sv.relative(before(4 * MINUTE), now)).toBe("för 4 minuter sedan");
    expect([38, 60, 100, 3700].map(sv.duration)).toEqual(["38 s", "1 min", "1 min 40 s", "1 tim 1 min"]);
    expect([0, 41, 82, 3753].map(sv.clock)).toEqual(["0:00", "0:41", "1:22", "1:02:33"]);
  });

  it("tells until when something is waited for", () => {
    const after = (ms: number) => before(-ms);
    expect(sv.until(after(90_000), now)).toBe("13:58:11");
    expect(sv.until(after(3 * HOUR), now)).toBe("16:56");
    expect(sv.until(after(20 * HOUR), now)).toBe("i morgon 09:56");
    expect(sv.until(after(72 * HOUR), now)).toBe("2026-11-24 13:56");
  });
});

describe("a week's number", () => {
  it.each([
    ["2026-01-01", 1],
    ["2026-11-21", 47],
    ["2026-11-22", 47],
    ["2026-11-23", 48],
    // The year's first days may be of the last one's weeks, and its last ones of the next one's first.
    ["2021-01-03", 53],
    ["2021-01-04", 1],
    ["2024-12-30", 1],
    ["2020-12-31", 53],
  ])("%s is of week %i", (day, week) => {
    expect(weekOf(`${day}T00:00:00`)).toBe(week);
    expect(weekOf(`${day}T23:59:59`)).toBe(week);
  });

  it("stands with the whole date", () => {
    expect(sv.day(before(0))).toBe("lördag 2026-11-21, vecka 47");
    expect(en.day(before(0))).toBe("Saturday 21 Nov 2026, week 47");
  });
});

describe("English", () => {
  it("has its own forms", () => {
    expect(en.money({ amount: "25", currency: "USD" })).toBe("US$25.00");
    expect(en.number(2310)).toBe("2,310");
    expect(en.date(before(0))).toBe("21 Nov 2026");
    expect(en.age(before(5 * HOUR), now)).toBe("5 h");
  });
});
