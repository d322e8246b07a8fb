/** What is handed over when a run is done, as text: where everything is, who signs in, what is left to do. */

import type { RunDetail } from "@/backend/bindings";
import type { I18n } from "@/i18n/I18nProvider";

import { type Made, madeLabel, madeOf } from "./made";

/** `norrform/client-akermark, https://github.com/…`: the name, and the page where there is one. */
function whereOf({ value, url, what }: Made): string {
  if (what === "production") return url ?? value ?? "";
  return [value, url].filter(Boolean).join(", ");
}

export function handoverOf(detail: RunDetail, { t, format }: I18n): string {
  const { run, customer } = detail;
  const made = madeOf(detail).filter(({ value, state }) => value !== undefined && state !== "todo");
  const isRecord = ({ what }: Made) => what === "dns_record";
  const records = made.filter(isRecord);
  const at = run.finished_at ?? run.started_at;
  return [
    t.run.handover(customer.name),
    t.run.handoverOf(run.number, customer.blueprint, customer.plan, `${format.date(at)} ${format.time(at)}`),
    "",
    ...made.filter((one) => !isRecord(one)).map((one) => `${madeLabel(one, t)}: ${whereOf(one)}`),
    ...(records.length === 0 ? [] : ["", t.run.handoverRecords, ...records.map(({ value }) => value ?? "")]),
  ].join("\n");
}
