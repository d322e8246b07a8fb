/** All keys, from the registry. */

import { Fragment } from "react";

import { useShell } from "@/backend/BackendProvider";
import { Dialog, DialogBody } from "@/components/Dialog";
import { Kbd } from "@/components/Kbd";
import { useI18n } from "@/i18n/I18nProvider";

import { keyLabel, SHORTCUTS, type ShortcutGroup, type ShortcutId } from "./shortcuts";

const GROUPS: readonly ShortcutGroup[] = ["general", "goTo", "list", "inbox"];

function Keys({ keys }: { keys: readonly string[] }) {
  const { t } = useI18n();
  return (
    <span className="flex items-center gap-1.5">
      {keys.map((key) => (
        <span key={key} className="flex items-center gap-1">
          {key.split(" ").map((part, place) => (
            <Fragment key={part}>
              {place > 0 && <span className="text-caption text-text-3">{t.shortcuts.then}</span>}
              <Kbd>{keyLabel(part)}</Kbd>
              <span className="sr-only">{keyLabel(part)}</span>
            </Fragment>
          ))}
        </span>
      ))}
    </span>
  );
}

export function ShortcutTable() {
  const { t } = useI18n();
  const shell = useShell();
  return (
    <div className="grid gap-4">
      {GROUPS.map((group) => (
        <section key={group}>
          <h3 className="mb-1 text-caption text-text-3">{t.shortcuts[group]}</h3>
          <dl>
            {(Object.keys(SHORTCUTS) as ShortcutId[])
              .filter((id) => SHORTCUTS[id].group === group && (id !== "quit" || shell !== undefined))
              .map((id) => (
                <div key={id} className="flex min-h-8 items-center justify-between gap-4 border-t border-border">
                  <dt>{t.shortcuts.names[id]}</dt>
                  <dd>
                    <Keys keys={SHORTCUTS[id].keys} />
                  </dd>
                </div>
              ))}
          </dl>
        </section>
      ))}
    </div>
  );
}

export function ShortcutHelp({ open, onClose }: { open: boolean; onClose(): void }) {
  const { t } = useI18n();
  return (
    <Dialog open={open} onClose={onClose} title={t.shortcuts.title}>
      <DialogBody reading={t.shortcuts.title}>
        <ShortcutTable />
      </DialogBody>
    </Dialog>
  );
}
