/** What can be done with the customers that are chosen. */

import { Play, X } from "lucide-react";

import { Button } from "@/components/Button";
import { Icon } from "@/components/Icon";
import { useI18n } from "@/i18n/I18nProvider";
import { usePageActs } from "@/shell/PageActs";
import { ShortcutHint } from "@/shell/ShortcutHint";

import { ExportMenu } from "./ExportMenu";
import { MOST_CHOSEN, type Selection } from "./selection";

interface BulkBarProps {
  selection: Selection;
  /** How many the list has. */
  total: number;
  onProvision(): void;
}

export function BulkBar({ selection, total, onProvision }: BulkBarProps) {
  const { t, format } = useI18n();
  const count = selection.chosen.size;
  usePageActs(t.bulk.chosen(count, format.number(count)), [
    { label: t.bulk.provision(format.number(count)), icon: Play, onSelect: onProvision },
    { label: t.bulk.clear, icon: X, onSelect: selection.clear },
  ]);
  return (
    <div
      role="toolbar"
      aria-label={t.bulk.toolbar}
      data-foot
      className="flex h-12 flex-none items-center gap-2 border-t border-border pr-4 pl-6"
    >
      <span role="status" className="font-medium whitespace-nowrap">
        {t.bulk.chosen(count, format.number(count))}
      </span>
      {count >= MOST_CHOSEN && total > count && (
        <span className="truncate text-caption text-text-3">{t.bulk.most(format.number(MOST_CHOSEN))}</span>
      )}
      <span aria-hidden className="mx-1 h-4 w-px flex-none bg-border" />
      <Button onClick={onProvision}>
        <Icon of={Play} small />
        {t.bulk.provision(format.number(count))}
      </Button>
      <ExportMenu chosen={[...selection.chosen.keys()]} />
      <span className="flex-1" />
      <Button kind="ghost" onClick={selection.clear}>
        {t.bulk.clear}
        <ShortcutHint of="escape" />
      </Button>
    </div>
  );
}
