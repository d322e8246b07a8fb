/** Copying: a button, and a field of what is worth copying. */

import { Check, Copy } from "lucide-react";
import { type ReactNode, useEffect, useRef, useState } from "react";

import { useI18n } from "@/i18n/I18nProvider";

import { Button, type ButtonStyle } from "./Button";
import { classes } from "./classes";
import { Icon } from "./Icon";
import { useToaster } from "./Toast";

/** How long the button says that it copied. */
const SAID_MS = 1600;

interface CopyButtonProps extends ButtonStyle {
  text: string;
  /** What is copied, for a button without words. */
  label?: string;
  children?: ReactNode;
  disabled?: boolean;
}

export function CopyButton({ text, label, children, disabled, ...style }: CopyButtonProps) {
  const { t } = useI18n();
  const toaster = useToaster();
  const [copied, setCopied] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);

  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // The system, or whoever has the clipboard, refuses; where a page may not write at all there is none.
      toaster.failed(({ t }) => t.common.notCopied, ({ t }) => t.common.notCopiedText);
      return;
    }
    setCopied(true);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setCopied(false), SAID_MS);
  };
  const name = label === undefined ? undefined : t.common.copyThis(label);
  return (
    <Button
      {...style}
      icon={children === undefined}
      disabled={disabled}
      aria-label={name}
      title={name}
      onClick={() => void copy()}
    >
      <Icon of={copied ? Check : Copy} small />
      {children}
      <span role="status" className="sr-only">
        {copied ? t.common.copied : ""}
      </span>
    </Button>
  );
}

interface CopyFieldProps {
  text: string;
  /** What has no room in one line takes another. */
  wraps?: boolean;
  className?: string;
}

export function CopyField({ text, wraps = false, className }: CopyFieldProps) {
  return (
    <div
      className={classes(
        "flex min-h-7 min-w-0 items-center gap-2 rounded-control border border-border bg-canvas pr-0.5 pl-2 text-text-2 dark:bg-hover",
        className,
      )}
    >
      <span className={classes("mono min-w-0 flex-1", wraps ? "line-clamp-2 py-0.5 break-all" : "truncate")} title={text}>
        {text}
      </span>
      <CopyButton kind="ghost" small text={text} label={text} />
    </div>
  );
}
