/** A question before something is taken away. The focus begins where nothing happens: Enter alone never fires. */

import { type ReactNode, useRef } from "react";

import { Button } from "./Button";
import { Dialog, DialogBody, DialogFooter } from "./Dialog";

interface QuestionProps {
  open: boolean;
  title: string;
  text: string;
  /** What is kept where one says no. */
  no: string;
  yes: string;
  /** A way between: something is done, and nothing taken away. */
  between?: { label: string; onChosen(): void } | undefined;
  busy: boolean;
  onNo(): void;
  onYes(): void;
  children?: ReactNode;
}

export function Question({ open, title, text, no, yes, between, busy, onNo, onYes, children }: QuestionProps) {
  const safe = useRef<HTMLButtonElement>(null);
  return (
    <Dialog open={open} onClose={onNo} initialFocus={safe} title={title} description={text}>
      {children !== undefined && children !== null && children !== false && <DialogBody reading={title}>{children}</DialogBody>}
      <DialogFooter>
        <Button ref={safe} onClick={onNo}>
          {no}
        </Button>
        {/* Not while it fades out, either. */}
        {between !== undefined && (
          <Button disabled={busy || !open} onClick={between.onChosen}>
            {between.label}
          </Button>
        )}
        <Button kind="danger" disabled={busy || !open} onClick={onYes}>
          {yes}
        </Button>
      </DialogFooter>
    </Dialog>
  );
}
