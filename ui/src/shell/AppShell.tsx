/** The frame around every page but the guide. */

import { Outlet } from "@tanstack/react-router";
import { WifiOff } from "lucide-react";
import { type ReactNode, useState } from "react";

import { useConnected } from "@/backend/BackendProvider";
import { useKnownSince } from "@/backend/trouble";
import { Icon } from "@/components/Icon";
import { ErrorBoundary } from "@/errors/ErrorBoundary";
import { WorkspaceSwitch } from "@/errors/WorkspaceSwitch";
import { useI18n } from "@/i18n/I18nProvider";

import { useNoteVisits } from "./recent";
import { ResumeOffer } from "./ResumeOffer";
import { useShortcuts } from "./ShortcutProvider";
import { Sidebar } from "./Sidebar";
import { TroubleBar } from "./TroubleBar";

/** How the sidebar was left on this machine. */
const KEPT = "fabrik.sidebar";

function useFolded(): [boolean, () => void] {
  const [folded, setFolded] = useState(() => localStorage.getItem(KEPT) === "folded");
  return [
    folded,
    () => {
      localStorage.setItem(KEPT, folded ? "open" : "folded");
      setFolded(!folded);
    },
  ];
}

function Offline() {
  const { t, format } = useI18n();
  const since = new Date(useKnownSince()).toISOString();
  return (
    <div role="status" className="flex flex-none items-center gap-2 bg-warn-bg px-6 py-1 text-caption text-warn">
      <Icon of={WifiOff} small />
      {`${t.frame.offline} ${t.trouble.from(format.moment(since, Date.now()))}`}
    </div>
  );
}

export function OfflineBar() {
  return useConnected() ? null : <Offline />;
}

/** `children` stands where no page is found. */
export function AppShell({ children = <Outlet /> }: { children?: ReactNode }) {
  const { t } = useI18n();
  const { press } = useShortcuts();
  const [folded, onFold] = useFolded();
  useNoteVisits();

  return (
    <WorkspaceSwitch>
      <div
        data-folded={folded || undefined}
        className="grid h-full grid-cols-[var(--sidebar)_minmax(0,1fr)]"
      >
        <a
          href="#content"
          onClick={(event) => {
            // The address's fragment is the router's.
            event.preventDefault();
            document.getElementById("content")?.focus();
          }}
          className="sr-only z-50 rounded-control bg-raised px-3 py-1 focus:not-sr-only focus:fixed focus:top-2 focus:left-2"
        >
          {t.frame.skip}
        </a>
        <Sidebar onFind={() => press("palette")} folded={folded} onFold={onFold} />
        <main id="content" tabIndex={-1} className="flex min-h-0 min-w-0 flex-col bg-surface outline-none">
          <OfflineBar />
          <TroubleBar />
          <ResumeOffer />
          <ErrorBoundary>
            {children}
          </ErrorBoundary>
        </main>
      </div>
    </WorkspaceSwitch>
  );
}
