/** A form's field: label, control, help, and what is wrong, tied together for readers. */

import { type InputHTMLAttributes, type ReactNode, type Ref, type TextareaHTMLAttributes, useId } from "react";

import { classes } from "./classes";
import { OwnWords } from "./OwnWords";
import { StatusShape } from "./StatusShape";

/** What is wrong, and the words of whoever said so, where they are not ours. */
export interface Fault {
  text: string;
  words?: string;
}

interface FieldProps {
  label: string;
  help?: ReactNode;
  /** Every fault, one a line. */
  faults?: readonly (string | Fault)[];
  /** Draws the control with the ids that tie it to the label, help and faults. */
  children(tied: { id: string; "aria-describedby": string | undefined; "aria-invalid": boolean | undefined }): ReactNode;
}

export function Field({ label, help, faults = [], children }: FieldProps) {
  const id = useId();
  const helpId = `${id}-help`;
  const faultId = `${id}-fault`;
  const described = [faults.length > 0 && faultId, help !== undefined && helpId].filter(Boolean).join(" ");
  return (
    <div className="grid content-start gap-1">
      <label htmlFor={id} className="font-medium">
        {label}
      </label>
      {children({ id, "aria-describedby": described || undefined, "aria-invalid": faults.length > 0 || undefined })}
      {faults.length > 0 && (
        <div id={faultId} role="alert" className="grid gap-0.5 text-caption text-error">
          {faults.map((fault) => {
            const { text, words } = typeof fault === "string" ? { text: fault, words: undefined } : fault;
            return (
              <span key={`${text} ${words ?? ""}`} className="flex items-start gap-1.5">
                <StatusShape shape="fail" tone="error" size={12} className="mt-0.5 [--hole:var(--raised)]" />
                <span className="min-w-0">
                  {text}
                  <OwnWords words={words} />
                </span>
              </span>
            );
          })}
        </div>
      )}
      {help !== undefined && (
        <div id={helpId} className="text-caption text-text-3">
          {help}
        </div>
      )}
    </div>
  );
}

interface InputProps extends InputHTMLAttributes<HTMLInputElement> {
  /** Before the text: an icon. */
  before?: ReactNode;
  /** After the text: a suffix, a key. */
  after?: ReactNode;
  mono?: boolean;
  /** As small as the page's text: in a bar. */
  body?: boolean;
  ref?: Ref<HTMLInputElement>;
}

export function Input({ before, after, mono, body, className, ...rest }: InputProps) {
  return (
    <span
      className={classes(
        "flex h-7 min-w-0 items-center gap-2 rounded-control border border-border-strong bg-surface px-2 text-text-3 has-aria-invalid:border-error has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-ring",
        className,
      )}
    >
      {before}
      <input
        spellCheck={false}
        autoComplete="off"
        className={classes("w-full min-w-0 bg-transparent text-text outline-none", mono ? "mono" : body ? "text-body" : "text-form")}
        {...rest}
      />
      {after}
    </span>
  );
}

/** A text of several lines. */
export function TextArea({ className, ...rest }: TextareaHTMLAttributes<HTMLTextAreaElement>) {
  return (
    <textarea
      className={classes(
        "w-full resize-none rounded-control border border-border-strong bg-surface px-2 py-1 text-form text-text aria-invalid:border-error",
        className,
      )}
      {...rest}
    />
  );
}
