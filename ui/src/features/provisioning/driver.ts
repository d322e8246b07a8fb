/** The process that drives a run, in words. */

import type { Driver } from "@/backend/bindings";
import type { Messages } from "@/i18n/messages";

/** This window, or the process and its machine; none where nobody does. */
export function driverWord(driver: Driver | undefined, t: Messages): string | undefined {
  if (driver === undefined) return undefined;
  if (driver.here) return t.runs.drivenHere;
  return driver.process === undefined ? driver.machine : t.runs.drivenBy(driver.process, driver.machine);
}
