/** Dates, numbers and money in the language of the window. */

import type { Language, MonthlyPrice } from "@/backend/bindings";

const LOCALE: Record<Language, string> = { sv: "sv-SE", en: "en-GB" };

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export interface Format {
  number(value: number): string;
  /** `1 234,56 kr` */
  money(price: Pick<MonthlyPrice, "amount" | "currency">): string;
  /** `2026-11-21` in Swedish, `21 Nov 2026` in English */
  date(at: string): string;
  /** The whole of it, for a fact or a hint: `lördag 2026-11-21, vecka 47`. */
  day(at: string): string;
  /** `13:56` */
  time(at: string): string;
  /** `13:56:03` */
  timeWithSeconds(at: string): string;
  /** As short as can be told apart: `13:56` today, `i går 16:14`, else the date. */
  moment(at: string, now: number): string;
  /** What is waited for: `13:58:20` within the hour, `18:30` today, `i morgon 08:00`, else date and time. */
  until(at: string, now: number): string;
  /** In a sentence: `för 4 minuter sedan`. */
  relative(at: string, now: number): string;
  /** In a column: `nu`, `4 min`, `5 tim`, `i går`, else the date. */
  age(at: string, now: number): string;
  /** `38 s`, `1 min 40 s`, `2 tim 5 min` */
  duration(seconds: number): string;
  /** As short as it can be: `38 s`, `12 min`, `14 tim`, `2 d` */
  span(seconds: number): string;
  /** `0:41`, `12:05`, `1:02:33` */
  clock(seconds: number): string;
  list(words: readonly string[]): string;
}

/** The words a format needs that `Intl` has no short form of. */
const SHORT: Record<Language, { now: string; minutes: string; hours: string; days: string; yesterday: string; tomorrow: string; week: string }> = {
  sv: { now: "nu", minutes: "min", hours: "tim", days: "d", yesterday: "i går", tomorrow: "i morgon", week: "vecka" },
  en: { now: "now", minutes: "min", hours: "h", days: "d", yesterday: "yesterday", tomorrow: "tomorrow", week: "week" },
};

/** Whole days between two moments, by the calendar of this machine. */
function daysBetween(from: number, to: number): number {
  const midnight = (at: number) => new Date(at).setHours(0, 0, 0, 0);
  return Math.round((midnight(to) - midnight(from)) / DAY);
}

/** The number of the week, from Monday: the first one has the year's first Thursday (ISO 8601). By the calendar of this machine. */
export function weekOf(at: string): number {
  const thursday = new Date(at);
  thursday.setHours(0, 0, 0, 0);
  thursday.setDate(thursday.getDate() + 4 - (thursday.getDay() || 7));
  const newYear = new Date(thursday.getFullYear(), 0, 1).getTime();
  return 1 + Math.floor(daysBetween(newYear, thursday.getTime()) / 7);
}

export function createFormat(language: Language): Format {
  const locale = LOCALE[language];
  const short = SHORT[language];
  const numbers = new Intl.NumberFormat(locale);
  // By currency: making one takes longer than drawing the row that it is for.
  const moneys = new Map<string, Intl.NumberFormat>();
  const moneyOf = (currency: string) => {
    const known = moneys.get(currency) ?? new Intl.NumberFormat(locale, { style: "currency", currency });
    moneys.set(currency, known);
    return known;
  };
  const dates =
    language === "sv"
      ? new Intl.DateTimeFormat(locale, { year: "numeric", month: "2-digit", day: "2-digit" })
      : new Intl.DateTimeFormat(locale, { year: "numeric", month: "short", day: "numeric" });
  const weekdays = new Intl.DateTimeFormat(locale, { weekday: "long" });
  const times = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const exactTimes = new Intl.DateTimeFormat(locale, {
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
  });
  const relatives = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  const lists = new Intl.ListFormat(locale, { type: "conjunction" });

  const date = (at: string) => dates.format(new Date(at));
  const time = (at: string) => times.format(new Date(at));

  return {
    number: (value) => numbers.format(value),
    money: ({ amount, currency }) => moneyOf(currency).format(Number(amount)),
    date,
    day: (at) => `${weekdays.format(new Date(at))} ${date(at)}, ${short.week} ${weekOf(at)}`,
    time,
    timeWithSeconds: (at) => exactTimes.format(new Date(at)),
    moment(at, now) {
      const days = daysBetween(Date.parse(at), now);
      if (days <= 0) return time(at);
      return days === 1 ? `${short.yesterday} ${time(at)}` : date(at);
    },
    until(at, now) {
      const left = Date.parse(at) - now;
      const days = -daysBetween(Date.parse(at), now);
      if (days === 0) return left < HOUR ? exactTimes.format(new Date(at)) : time(at);
      return `${days === 1 ? short.tomorrow : date(at)} ${time(at)}`;
    },
    relative(at, now) {
      const past = now - Date.parse(at);
      if (Math.abs(past) < MINUTE) return relatives.format(0, "second");
      if (Math.abs(past) < HOUR) return relatives.format(-Math.round(past / MINUTE), "minute");
      if (Math.abs(past) < DAY) return relatives.format(-Math.round(past / HOUR), "hour");
      return relatives.format(-daysBetween(Date.parse(at), now), "day");
    },
    age(at, now) {
      const past = now - Date.parse(at);
      if (past < MINUTE) return short.now;
      if (past < HOUR) return `${Math.floor(past / MINUTE)} ${short.minutes}`;
      const days = daysBetween(Date.parse(at), now);
      if (days === 0) return `${Math.floor(past / HOUR)} ${short.hours}`;
      return days === 1 ? short.yesterday : date(at);
    },
    duration(seconds) {
      const whole = Math.max(0, Math.round(seconds));
      const minutes = Math.floor(whole / 60);
      if (minutes === 0) return `${whole} s`;
      const hours = Math.floor(minutes / 60);
      if (hours > 0) return [`${hours} ${short.hours}`, minutes % 60 && `${minutes % 60} min`].filter(Boolean).join(" ");
      return [`${minutes} min`, whole % 60 && `${whole % 60} s`].filter(Boolean).join(" ");
    },
    span(seconds) {
      if (seconds < 60) return `${Math.round(seconds)} s`;
      if (seconds < 3600) return `${Math.round(seconds / 60)} min`;
      return seconds < 86_400 ? `${Math.round(seconds / 3600)} ${short.hours}` : `${Math.round(seconds / 86_400)} ${short.days}`;
    },
    clock(seconds) {
      const whole = Math.max(0, Math.floor(seconds));
      const two = (value: number) => String(value).padStart(2, "0");
      const hours = Math.floor(whole / 3600);
      const minutes = Math.floor((whole % 3600) / 60);
      return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
    },
    list: (words) => lists.format(words),
  };
}
