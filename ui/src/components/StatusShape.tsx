/** A state's shape. Never alone: the word is always beside it, or in its text alternative. */

import type { ReactNode } from "react";

import { classes } from "./classes";

export type Tone = "ok" | "warn" | "error" | "info" | "idle";

export type Shape =
  | "ok"
  | "degraded"
  | "down"
  | "setup"
  | "paused"
  | "unknown"
  | "new"
  | "needs"
  | "wait"
  | "done"
  | "fail"
  | "skip"
  | "defer"
  | "undone";

const LINE = { fill: "none", stroke: "currentColor", strokeWidth: 1.6, strokeLinecap: "round", strokeLinejoin: "round" } as const;
/** A mark cut out of a filled shape, in the colour of what lies behind. */
const CUT = { ...LINE, stroke: "var(--hole, var(--surface))", strokeWidth: 1.75 } as const;

const SHAPES: Record<Shape, ReactNode> = {
  ok: <circle cx="8" cy="8" r="4.5" />,
  degraded: (
    <>
      <circle cx="8" cy="8" r="5" {...LINE} />
      <path d="M8 3a5 5 0 0 0 0 10z" />
    </>
  ),
  down: <path d="M8 2.2 14.4 13.4H1.6z" />,
  setup: <path d="M13.2 8A5.2 5.2 0 1 1 11 3.8M13.4 2v3.4H10" {...LINE} />,
  paused: (
    <>
      <rect x="4" y="3" width="2.6" height="10" rx=".8" />
      <rect x="9.4" y="3" width="2.6" height="10" rx=".8" />
    </>
  ),
  unknown: <circle cx="8" cy="8" r="5" {...LINE} strokeDasharray="2.1 3.1" />,
  new: <circle cx="8" cy="8" r="4.5" {...LINE} strokeWidth={1.5} />,
  needs: (
    <>
      <circle cx="8" cy="8" r="6.4" />
      <path d="M8 4.8v3.8M8 11.1v.1" {...CUT} />
    </>
  ),
  wait: <circle cx="8" cy="8" r="4.6" {...LINE} />,
  done: (
    <>
      <circle cx="8" cy="8" r="6.4" />
      <path d="m5.2 8.2 2 2 3.6-4.2" {...CUT} />
    </>
  ),
  fail: (
    <>
      <circle cx="8" cy="8" r="6.4" />
      <path d="m5.7 5.7 4.6 4.6M10.3 5.7l-4.6 4.6" {...CUT} />
    </>
  ),
  skip: <path d="M4 8h8" {...LINE} />,
  defer: (
    <>
      <circle cx="8" cy="8" r="5.6" {...LINE} />
      <path d="M8 5v3.2l2 1.3" {...LINE} />
    </>
  ),
  undone: <path d="M5.5 3 2.5 6l3 3M2.8 6h6.4a3.6 3.6 0 0 1 0 7.2H6" {...LINE} />,
};

const TONES: Record<Tone, string> = {
  ok: "text-ok",
  warn: "text-warn",
  error: "text-error",
  info: "text-info",
  idle: "text-idle",
};

export function toneClass(tone: Tone): string {
  return TONES[tone];
}

interface StatusShapeProps {
  shape: Shape;
  tone: Tone;
  /** In pixels; 14 where nothing is said. */
  size?: number;
  /** It goes on now. */
  turning?: boolean;
  className?: string;
}

export function StatusShape({ shape, tone, size = 14, turning, className }: StatusShapeProps) {
  return (
    <svg
      aria-hidden
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="currentColor"
      className={classes("block flex-none", TONES[tone], turning && "spin-slowly", className)}
    >
      {SHAPES[shape]}
    </svg>
  );
}
