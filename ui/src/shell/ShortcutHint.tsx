/** The key of what a button does, beside its name: none where it is a letter alone, and those are switched off. */

import { Kbd } from "@/components/Kbd";

import { useShortcuts } from "./ShortcutProvider";
import { isSingle, keyLabel, SHORTCUTS, type ShortcutId } from "./shortcuts";

export function ShortcutHint({ of }: { of: ShortcutId }) {
  const { singleKeys } = useShortcuts();
  const key = SHORTCUTS[of].keys[0] ?? "";
  if (isSingle(key) && !singleKeys) return null;
  return key.split(" ").map((part) => <Kbd key={part}>{keyLabel(part)}</Kbd>);
}
