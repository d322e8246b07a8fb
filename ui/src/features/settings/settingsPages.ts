/** The pages under settings, in the order of their tabs. */

export const SETTINGS_PAGES = ["general", "credentials", "providers", "blueprints", "mail", "workspaces", "shortcuts", "about"] as const;
export type SettingsPage = (typeof SETTINGS_PAGES)[number];

/** The page of that name, where there is one. */
export function readSettingsPage(name: string): SettingsPage | undefined {
  return SETTINGS_PAGES.find((page) => page === name);
}
