/** The frame around every page. */

import { Outlet, useNavigate } from "@tanstack/react-router";
import { WifiOff } from "lucide-react";
import { type ReactNode, useState } from "react";

import { useConnected } from "@/backend/BackendProvider";
import { Icon } from "@/components/Icon";
import { ErrorBoundary } from "@/errors/ErrorBoundary";
import { useI18n } from "@/i18n/I18nProvider";

import { ClosingQuestion } from "./ClosingQuestion";
import { CommandPalette } from "./CommandPalette";
import { NativeMenus } from "./NativeMenus";
import { useNoteVisits } from "./recent";
import { ResumeOffer } from "./ResumeOffer";
import { RunNotices } from "./RunNotices";
import { ShortcutHelp } from "./ShortcutHelp";
import { useShortcut } from "./ShortcutProvider";
import { Sidebar } from "./Sidebar";
import { TroubleBar } from "./TroubleBar";

export function OfflineBar() {
  const { t } = useI18n();
  if (useConnected()) return null;
  return (
    <div role="status" className="flex flex-none items-center gap-2 bg-warn-bg px-6 py-1 text-caption text-warn">
      <Icon of={WifiOff} small />
      {t.frame.offline}
    </div>
  );
}

/** `children` stands where no page is found. */
export function AppShell({ children = <Outlet /> }: { children?: ReactNode }) {
  const { t } = useI18n();
  const navigate = useNavigate();
  const [finding, setFinding] = useState(false);
  const [helping, setHelping] = useState(false);
  useNoteVisits();
  useShortcut("palette", () => setFinding(true));
  useShortcut("help", () => setHelping(true));
  useShortcut("goCustomers", () => void navigate({ to: "/customers", search: {} }));
  useShortcut("goRequests", () => void navigate({ to: "/requests", search: {} }));
  useShortcut("goRuns", () => void navigate({ to: "/runs" }));
  useShortcut("goSettings", () => void navigate({ to: "/settings/$page", params: { page: "general" } }));

  return (
    <div className="grid h-full grid-cols-[220px_minmax(0,1fr)] max-narrow:grid-cols-[52px_minmax(0,1fr)]">
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
      <Sidebar onFind={() => setFinding(true)} />
      <main id="content" tabIndex={-1} className="flex min-h-0 min-w-0 flex-col bg-surface outline-none">
        <OfflineBar />
        <TroubleBar />
        <ResumeOffer />
        <ErrorBoundary>
          {children}
        </ErrorBoundary>
      </main>
      {finding && <CommandPalette onClose={() => setFinding(false)} onHelp={() => setHelping(true)} />}
      <NativeMenus onFind={() => setFinding(true)} onHelp={() => setHelping(true)} />
      <RunNotices />
      <ClosingQuestion />
      <ShortcutHelp open={helping} onClose={() => setHelping(false)} />
    </div>
  );
}
