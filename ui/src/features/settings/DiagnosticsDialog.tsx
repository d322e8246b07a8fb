/** What whoever helps needs to know, shown whole before it is kept. Rust writes the file: what it showed, and nothing else. */

import { useEffect, useRef } from "react";

import { problemOf } from "@/backend/errors";
import { useCommand } from "@/backend/mutations";
import { Button } from "@/components/Button";
import { CopyButton } from "@/components/CopyField";
import { Dialog, DialogBody, DialogFooter } from "@/components/Dialog";
import { StatusShape } from "@/components/StatusShape";
import { ErrorDisplay } from "@/errors/ErrorDisplay";
import { useSaved } from "@/errors/useSaved";
import { useI18n } from "@/i18n/I18nProvider";

export function DiagnosticsDialog({ onClose }: { onClose(): void }) {
  const { t } = useI18n();
  const saved = useSaved();
  const make = useCommand("diagnostics");
  const save = useCommand("diagnostics_save");
  const begun = useRef(false);
  // Each opening gathers anew.
  useEffect(() => {
    if (begun.current) return;
    begun.current = true;
    make.mutate({});
  }, [make]);
  const problem = problemOf(make.error);
  const text = make.data?.text;
  return (
    <Dialog open wide onClose={onClose} title={t.diagnostics.title} description={t.diagnostics.text}>
      <DialogBody>
        {text !== undefined && (
          <pre
            tabIndex={0}
            role="region"
            aria-label={t.diagnostics.content}
            className="mono max-h-[50vh] overflow-auto rounded-control whitespace-pre-wrap wrap-anywhere border border-border bg-canvas p-3 text-text-2 dark:bg-hover"
          >
            {text}
          </pre>
        )}
        {text === undefined && problem === undefined && (
          <p role="status" className="flex items-center gap-2 py-6 text-text-2">
            <StatusShape shape="setup" tone="info" turning />
            {t.diagnostics.making}
          </p>
        )}
        {problem !== undefined && <ErrorDisplay problem={problem} compact />}
      </DialogBody>
      <DialogFooter>
        {text !== undefined && (
          <span className="mr-auto">
            <CopyButton kind="ghost" text={text}>
              {t.common.copy}
            </CopyButton>
          </span>
        )}
        <Button onClick={onClose}>{t.common.cancel}</Button>
        <Button
          kind="primary"
          disabled={text === undefined || save.isPending}
          onClick={() =>
            save.mutate(
              {},
              {
                onSuccess: (file) => {
                  saved.onSuccess(file);
                  onClose();
                },
                onError: saved.onError,
              },
            )
          }
        >
          {t.diagnostics.save}
        </Button>
      </DialogFooter>
    </Dialog>
  );
}
