/** What can be done from anywhere, by its name: the palette and the native menus list it. */

import { useNavigate } from "@tanstack/react-router";
import { Building2, Compass, Inbox, Info, Keyboard, KeyRound, Layers, ListTodo, type LucideIcon, Mail, PanelLeft, Plus, SlidersHorizontal, Users } from "lucide-react";

import { useI18n } from "@/i18n/I18nProvider";

import { useShortcuts } from "./ShortcutProvider";
import type { ShortcutId } from "./shortcuts";

export type ActId = "customers" | "requests" | "runs" | "credentials" | "providers" | "blueprints" | "mail" | "workspaces" | "settings" | "new" | "firstRun" | "sidebar" | "help" | "about";

export interface Act {
  id: ActId;
  group: "goTo" | "actions";
  icon: LucideIcon;
  label: string;
  shortcut?: ShortcutId;
  /** Whether it does something where one is now; it does anywhere where nothing is said. */
  can?(): boolean;
  act(): void;
}

export function useActs({ onHelp }: { onHelp(): void }): Act[] {
  const { t } = useI18n();
  const navigate = useNavigate();
  const { press, can } = useShortcuts();
  const page = (name: string) => () => void navigate({ to: "/settings/$page", params: { page: name } });
  return [
    { id: "customers", group: "goTo", icon: Users, label: t.frame.customers, shortcut: "goCustomers", act: () => void navigate({ to: "/customers", search: {} }) },
    { id: "requests", group: "goTo", icon: Inbox, label: t.frame.requests, shortcut: "goRequests", act: () => void navigate({ to: "/requests", search: {} }) },
    { id: "runs", group: "goTo", icon: ListTodo, label: t.frame.runs, shortcut: "goRuns", act: () => void navigate({ to: "/runs" }) },
    { id: "credentials", group: "goTo", icon: KeyRound, label: t.settings.pages.credentials, act: page("credentials") },
    { id: "providers", group: "goTo", icon: SlidersHorizontal, label: t.settings.pages.providers, act: page("providers") },
    { id: "blueprints", group: "goTo", icon: Layers, label: t.settings.pages.blueprints, act: page("blueprints") },
    { id: "mail", group: "goTo", icon: Mail, label: t.settings.pages.mail, act: page("mail") },
    { id: "workspaces", group: "goTo", icon: Building2, label: t.settings.pages.workspaces, act: page("workspaces") },
    { id: "settings", group: "goTo", icon: SlidersHorizontal, label: t.frame.settings, shortcut: "goSettings", act: page("general") },
    { id: "new", group: "actions", icon: Plus, label: t.customers.new, shortcut: "newCustomer", act: () => void navigate({ to: "/customers", search: { new: true } }) },
    { id: "firstRun", group: "actions", icon: Compass, label: t.firstRun.again, act: () => void navigate({ to: "/first-run", search: {} }) },
    { id: "sidebar", group: "actions", icon: PanelLeft, label: t.shortcuts.names.sidebar, shortcut: "sidebar", can: () => can("sidebar"), act: () => void press("sidebar") },
    { id: "help", group: "actions", icon: Keyboard, label: t.shortcuts.title, shortcut: "help", act: onHelp },
    { id: "about", group: "goTo", icon: Info, label: t.settings.pages.about, act: page("about") },
  ];
}
