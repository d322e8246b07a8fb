/** What the window has over every page, the guide too: the keys that lead anywhere, the palette, the native menus, what
 * tells of runs, and the question before it closes. */

import { useLocation, useNavigate } from "@tanstack/react-router";
import { useState } from "react";

import { ClosingQuestion } from "./ClosingQuestion";
import { CommandPalette } from "./CommandPalette";
import { NativeMenus } from "./NativeMenus";
import { RunNotices } from "./RunNotices";
import { ShortcutHelp } from "./ShortcutHelp";
import { useShortcut } from "./ShortcutProvider";

export function AppWindow() {
  const navigate = useNavigate();
  const path = useLocation({ select: ({ pathname }) => pathname });
  const [finding, setFinding] = useState(false);
  const [helping, setHelping] = useState(false);
  useShortcut("palette", () => setFinding(true));
  useShortcut("help", () => setHelping(true));
  useShortcut("goCustomers", () => void navigate({ to: "/customers", search: {} }));
  useShortcut("goRequests", () => void navigate({ to: "/requests", search: {} }));
  useShortcut("goRuns", () => void navigate({ to: "/runs" }));
  useShortcut("goSettings", () => void navigate({ to: "/settings/$page", params: { page: "general" } }));
  // The list opens the form over itself, as it is filtered; in the guide a customer has a step.
  useShortcut("newCustomer", () => void navigate({ to: "/customers", search: { new: true } }), path !== "/customers" && path !== "/first-run");
  return (
    <>
      {finding && <CommandPalette onClose={() => setFinding(false)} onHelp={() => setHelping(true)} />}
      <NativeMenus onFind={() => setFinding(true)} onHelp={() => setHelping(true)} />
      <RunNotices />
      <ClosingQuestion />
      <ShortcutHelp open={helping} onClose={() => setHelping(false)} />
    </>
  );
}
