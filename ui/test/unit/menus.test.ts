/** The native menus of each system. */

import { describe, expect, it } from "vitest";

import type { Menus } from "@/backend/shell";
import { createI18n } from "@/i18n/I18nProvider";
import type { ActId } from "@/shell/acts";
import { menus } from "@/shell/menus";
import { SHORTCUTS } from "@/shell/shortcuts";

const labels: Record<ActId, string> = {
  customers: "Kunder",
  requests: "Förfrågningar",
  runs: "Körningar",
  credentials: "Nycklar",
  providers: "Leverantörer",
  blueprints: "Mallar",
  mail: "Domäner och e-post",
  workspaces: "Arbetsytor",
  settings: "Inställningar",
  new: "Ny kund",
  firstRun: "Guiden",
  sidebar: "Sidofältet",
  help: "Kortkommandon",
  about: "Om Fabrik",
};

const groups = ({ bar }: Menus) => bar.map(({ label }) => label);
const windows = ({ bar }: Menus) =>
  bar.flatMap(({ label, entries }) => entries.flatMap((entry) => (entry.kind === "window" ? [`${label}: ${entry.window}`] : [])));

describe("the native menus", () => {
  it("of macOS have what its keys for the window and the app need", () => {
    const { t } = createI18n("sv");
    const mac = menus(t, labels, true);
    expect(groups(mac)).toEqual(["Fabrik", "Arkiv", "Redigera", "Gå", "Fönster", "Hjälp"]);
    expect(windows(mac)).toEqual(["Fabrik: hide", "Fabrik: hide_others", "Fabrik: show_all", "Arkiv: close", "Fönster: minimize", "Fönster: fullscreen"]);
  });

  it("of the others leave the window to its frame", () => {
    const other = menus(createI18n("en").t, labels, false);
    expect(groups(other)).toEqual(["File", "Go", "Help"]);
    expect(windows(other)).toEqual([]);
  });

  it("have the keys of the help, and no others", () => {
    const help = Object.values(SHORTCUTS).flatMap(({ keys }) => keys);
    const { bar } = menus(createI18n("en").t, labels, false);
    const keys = bar.flatMap(({ entries }) => entries.flatMap((entry) => ("keys" in entry && entry.keys !== null ? [entry.keys] : [])));
    expect(keys.toSorted()).toEqual(["CmdOrCtrl+,", "CmdOrCtrl+K", "CmdOrCtrl+Q"]);
    for (const key of keys) expect(help).toContain(key.replace("CmdOrCtrl", "Mod").toLowerCase().replace("mod", "Mod"));
  });
});
