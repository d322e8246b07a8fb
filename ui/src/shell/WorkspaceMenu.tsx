/** Which world one is in, at the sidebar's foot, and the way to another. */

import { useNavigate } from "@tanstack/react-router";
import { Box, Building2, ChevronDown } from "lucide-react";

import type { Overview } from "@/backend/bindings";
import { useWorkspaces } from "@/backend/queries";
import { classes } from "@/components/classes";
import { Icon } from "@/components/Icon";
import { Menu } from "@/components/Menu";
import { useWorkspaceSwitch } from "@/errors/WorkspaceSwitch";
import { useI18n } from "@/i18n/I18nProvider";

/** Gives way to the icon where the sidebar has no room for it. */
const WORD = "min-w-0 truncate max-narrow:sr-only group-data-folded:sr-only";

export function WorkspaceMenu({ overview }: { overview: Overview }) {
  const { t } = useI18n();
  const navigate = useNavigate();
  const { data: list } = useWorkspaces();
  const { isAtOnce, isBusy, choose } = useWorkspaceSwitch();
  const { sandbox } = overview;
  const all = list?.workspaces ?? [{ name: overview.workspace, sandbox, open: true, next: true }];
  const opened = all.find((one) => one.open);
  return (
    <Menu
      align="start"
      choice={{
        label: t.workspaces.list,
        value: opened?.name,
        // Where a variable decides, it is named on their page.
        disabled: isBusy || list?.fixed_by !== undefined,
        options: all.map((one) => ({
          value: one.name,
          label: one.sandbox ? t.frame.sandbox : one.name,
          note: one.open ? t.workspaces.open : one.next ? t.workspaces.next : isAtOnce ? undefined : t.workspaces.choose,
        })),
        onChange: (name) => {
          const chosen = all.find((one) => one.name === name);
          if (chosen !== undefined && !chosen.open) void choose(chosen);
        },
      }}
      items={[{ label: t.frame.toWorkspaces, onSelect: () => void navigate({ to: "/settings/$page", params: { page: "workspaces" } }) }]}
      trigger={
        <button
          type="button"
          className={classes(
            "mt-2 flex w-full items-center gap-2 rounded-card border bg-surface px-2 py-[7px] text-left transition-colors duration-100 hover:bg-hover max-narrow:justify-center max-narrow:px-0 group-data-folded:justify-center group-data-folded:px-0",
            sandbox ? "border-dashed border-border-strong" : "border-border",
          )}
          title={sandbox ? t.frame.sandboxMeans : overview.workspace}
        >
          <Icon of={sandbox ? Box : Building2} className="text-text-2" />
          <span className={classes(WORD, "flex-1")}>
            <span className="block truncate font-medium">{sandbox ? t.frame.sandbox : t.frame.liveWorkspace(overview.workspace)}</span>
            {sandbox && <span className="block truncate text-caption text-text-3">{t.frame.sandboxMeans}</span>}
          </span>
          <Icon of={ChevronDown} small className="text-text-3 max-narrow:hidden group-data-folded:hidden" />
        </button>
      }
    />
  );
}
