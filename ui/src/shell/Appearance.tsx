/** Language, theme and density: Rust keeps the choice, the window follows it. */

import { type ReactNode, useEffect, useLayoutEffect, useSyncExternalStore } from "react";

import type { Theme } from "@/backend/bindings";
import { useOverview } from "@/backend/queries";
import { I18nProvider, systemLanguage } from "@/i18n/I18nProvider";

const DARK = "(prefers-color-scheme: dark)";
/** The last theme, so that the window doesn't flash before Rust has told. */
const KEPT = "fabrik.theme";

function useSystemDark(): boolean {
  return useSyncExternalStore(
    (changed) => {
      const media = window.matchMedia(DARK);
      media.addEventListener("change", changed);
      return () => media.removeEventListener("change", changed);
    },
    () => window.matchMedia(DARK).matches,
  );
}

export function Appearance({ children }: { children: ReactNode }) {
  const { data: overview } = useOverview();
  const systemDark = useSystemDark();
  const theme: Theme = overview?.theme ?? (localStorage.getItem(KEPT) as Theme | null) ?? "system";
  const dark = theme === "system" ? systemDark : theme === "dark";
  // Before anything is painted, so that no frame has the other's colours.
  useLayoutEffect(() => {
    const { dataset } = document.documentElement;
    dataset.changing = "";
    dataset.theme = dark ? "dark" : "light";
    // Asking for a size settles every style while none may move.
    void document.body.offsetHeight;
    delete dataset.changing;
  }, [dark]);
  const density = overview?.density ?? "compact";
  useEffect(() => {
    document.documentElement.dataset.density = density;
  }, [density]);
  useEffect(() => {
    if (overview !== undefined) localStorage.setItem(KEPT, overview.theme);
  }, [overview]);
  return <I18nProvider language={overview?.language ?? systemLanguage()}>{children}</I18nProvider>;
}
