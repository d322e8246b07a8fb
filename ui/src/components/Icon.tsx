/** An icon in the product's weight: 1.5 px lines at 16 px, drawn beside words and so hidden from readers. */

import type { LucideIcon } from "lucide-react";

import { classes } from "./classes";

/** A 24-unit drawing at 16 px: this gives lines of 1.5 px. */
const WEIGHT = 2.25;

export function Icon({ of: Drawing, small, className }: { of: LucideIcon; small?: boolean; className?: string }) {
  return <Drawing aria-hidden size={small ? 14 : 16} strokeWidth={WEIGHT} className={classes("flex-none", className)} />;
}
