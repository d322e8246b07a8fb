/** The languages there are, in the order in which they are offered. */

import type { Language } from "@/backend/bindings";

export const LANGUAGES: readonly Language[] = ["sv", "en"];
