/** Stops a run, once one has read what that means. */

import { useRef, useState } from "react";

import type { RunId } from "@/backend/bindings";
import { problemOf } from "@/backend/errors";
import { useCommand } from "@/backend/mutations";
import { Button } from "@/components/Button";
import { Dialog, DialogBody, DialogFooter } from "@/components/Dialog";
import { ErrorDisplay } from "@/errors/ErrorDisplay";
import { useI18n } from "@/i18n/I18nProvider";

export function CancelRun({ run }: { run: RunId }) {
  const { t } = useI18n();
  const cancel = useCommand("run_cancel");
  const [asking, setAsking] = useState(false);
  const keep = useRef<HTMLButtonElement>(null);
  const problem = problemOf(cancel.error);
  return (
    <>
      <Button onClick={() => setAsking(true)}>{t.run.cancel}</Button>
      <Dialog
        open={asking}
        onClose={() => setAsking(false)}
        initialFocus={keep}
        title={t.run.cancelTitle}
        description={t.run.cancelText}
      >
        {problem !== undefined && (
          <DialogBody>
            <ErrorDisplay problem={problem} compact />
          </DialogBody>
        )}
        <DialogFooter>
          <Button ref={keep} onClick={() => setAsking(false)}>
            {t.run.keepRunning}
          </Button>
          <Button
            kind="danger"
            disabled={cancel.isPending}
            onClick={() => cancel.mutate({ run }, { onSuccess: () => setAsking(false) })}
          >
            {t.run.cancel}
          </Button>
        </DialogFooter>
      </Dialog>
    </>
  );
}
