/** Asked when the window is closed while runs are under way: they can go on behind the tray, or stop until the next start. */

import { useEffect, useRef, useState } from "react";

import { useShell } from "@/backend/BackendProvider";
import type { Closing } from "@/backend/shell";
import { Button } from "@/components/Button";
import { Dialog, DialogFooter } from "@/components/Dialog";
import { useFailed } from "@/errors/useFailed";
import { useI18n } from "@/i18n/I18nProvider";

export function ClosingQuestion() {
  const { t } = useI18n();
  const shell = useShell();
  const failed = useFailed();
  const [closing, setClosing] = useState<Closing>();
  const safe = useRef<HTMLButtonElement>(null);
  useEffect(() => shell?.onClosing(setClosing), [shell]);
  useEffect(() => {
    // Where that isn't heard, closing the window again ends the app, as it would over a page that hangs.
    if (closing !== undefined) shell?.asking().catch(() => undefined);
  }, [shell, closing]);
  if (shell === undefined || closing === undefined) return null;
  const answer = (how: "stay" | "hide" | "end") => {
    setClosing(undefined);
    shell.close(how).catch((error: unknown) => {
      // Nobody has heard the answer: the question stands.
      setClosing(closing);
      failed(error);
    });
  };
  return (
    <Dialog open onClose={() => answer("stay")} initialFocus={safe} title={t.closing.title(closing.runs)} description={t.closing.text}>
      <DialogFooter>
        <Button kind="ghost" onClick={() => answer("end")}>
          {t.closing.end}
        </Button>
        {closing.can_hide && <Button onClick={() => answer("hide")}>{t.closing.hide}</Button>}
        <Button ref={safe} kind="primary" onClick={() => answer("stay")}>
          {t.closing.stay}
        </Button>
      </DialogFooter>
    </Dialog>
  );
}
