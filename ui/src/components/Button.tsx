/** Buttons: one filled on a screen, the others quiet. */

import type { ButtonHTMLAttributes, ReactNode, Ref } from "react";

import { classes } from "./classes";

export type ButtonKind = "plain" | "primary" | "ghost" | "danger";

const SHARED =
  "inline-flex select-none items-center justify-center gap-1.5 whitespace-nowrap rounded-control border font-medium transition-colors duration-100 disabled:text-text-3 aria-disabled:text-text-3";

/** A button with a face keeps one while it can't be pressed; a ghost stays bare. */
const DISABLED_FACE = "disabled:border-border disabled:bg-hover";

const KINDS: Record<ButtonKind, string> = {
  plain: `border-border bg-surface text-text not-disabled:hover:bg-hover [&>svg]:text-text-2 ${DISABLED_FACE}`,
  primary:
    `border-accent bg-accent text-on-accent not-disabled:hover:border-accent/90 not-disabled:hover:bg-accent/90 not-disabled:[&_kbd]:border-on-accent/45 not-disabled:[&_kbd]:bg-transparent not-disabled:[&_kbd]:text-on-accent ${DISABLED_FACE}`,
  ghost: "border-transparent bg-transparent text-text-2 not-disabled:hover:bg-hover not-disabled:hover:text-text",
  danger: `border-error bg-error text-on-accent not-disabled:hover:bg-error/90 ${DISABLED_FACE}`,
};

export interface ButtonStyle {
  kind?: ButtonKind;
  small?: boolean;
  /** A square with an icon; needs an `aria-label`. */
  icon?: boolean;
}

export function buttonClass({ kind = "plain", small, icon }: ButtonStyle): string {
  const size = small
    ? classes("h-6 text-caption", icon ? "w-6" : "px-2")
    : classes("h-7 text-body", icon ? "w-7" : "px-2.5");
  return classes(SHARED, KINDS[kind], size);
}

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement>, ButtonStyle {
  children: ReactNode;
  ref?: Ref<HTMLButtonElement>;
}

export function Button({ kind, small, icon, className, type = "button", ...rest }: ButtonProps) {
  return <button type={type} className={classes(buttonClass({ kind, small, icon }), className)} {...rest} />;
}

/** A button that reads as a link: it leads out of the window. */
export function LinkButton({ className, type = "button", ...rest }: ButtonHTMLAttributes<HTMLButtonElement>) {
  return (
    <button
      type={type}
      className={classes("inline-flex min-h-6 items-center gap-1 whitespace-nowrap rounded-chip font-medium text-accent hover:underline", className)}
      {...rest}
    />
  );
}
