/** The product's own drawings: its mark, and a neutral glyph per vendor. */

import type { ReactNode } from "react";

import type { Provider } from "@/backend/bindings";

import { classes } from "./classes";
import { PROVIDER_TITLES } from "./providers";

interface GlyphProps {
  small?: boolean;
  className?: string;
}

function Glyph({ small, className, children }: GlyphProps & { children: ReactNode }) {
  const size = small ? 14 : 16;
  return (
    <svg
      aria-hidden
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth={1.5}
      strokeLinecap="round"
      strokeLinejoin="round"
      className={classes("block flex-none", className)}
    >
      {children}
    </svg>
  );
}

export function FabrikGlyph(props: GlyphProps) {
  return (
    <Glyph {...props}>
      <path d="M2 13.5V6l4 2.5V6l4 2.5V2.5h4v11z" />
    </Glyph>
  );
}

const VENDORS: Record<Provider, ReactNode> = {
  supabase: <path d="M8.75 1.75 3 9h4.25v5.25L13 7H8.75z" />,
  github: (
    <>
      <circle cx="4.5" cy="3.75" r="1.75" />
      <circle cx="4.5" cy="12.25" r="1.75" />
      <circle cx="11.5" cy="5" r="1.75" />
      <path d="M4.5 5.5v5M11.5 6.75c0 2.25-4 1.75-6.4 3.4" />
    </>
  ),
  vercel: <path d="M8 3 14 13H2z" />,
  n8n: (
    <>
      <circle cx="3" cy="8" r="1.5" />
      <circle cx="8" cy="8" r="1.5" />
      <circle cx="13" cy="4.5" r="1.5" />
      <circle cx="13" cy="11.5" r="1.5" />
      <path d="M4.5 8h2M9.3 7.2l2.4-1.8M9.3 8.8l2.4 1.8" />
    </>
  ),
  gitea: (
    <path d="M2.75 5h8.5v4a4 4 0 0 1-4 4h-.5a4 4 0 0 1-4-4zM11.25 6H12a1.75 1.75 0 0 1 0 3.5h-1M5 2.75v-.5M8.5 2.75v-.5" />
  ),
  resend: (
    <>
      <rect x="2" y="3.5" width="12" height="9" rx="1.5" />
      <path d="m2.5 5 5.5 4 5.5-4" />
    </>
  ),
  stripe: (
    <>
      <rect x="1.75" y="3.5" width="12.5" height="9" rx="1.5" />
      <path d="M1.75 6.5h12.5M4.5 10h2" />
    </>
  ),
};

export function ProviderGlyph({ provider, ...props }: GlyphProps & { provider: Provider }) {
  return <Glyph {...props}>{VENDORS[provider]}</Glyph>;
}

/** Where a step does what it does: at a vendor, whose name tells it from another that is called the same, else here. */
export function StepGlyph({ provider }: { provider: Provider | undefined }) {
  const vendor = provider && PROVIDER_TITLES[provider];
  return (
    <span className="self-center text-text-3" title={vendor}>
      {provider === undefined ? <FabrikGlyph small /> : <ProviderGlyph provider={provider} small />}
      {vendor !== undefined && <span className="sr-only">{vendor}</span>}
    </span>
  );
}

/** A vendor's glyph in a neutral tile. */
export function ProviderTile({ provider, faded }: { provider: Provider; faded?: boolean }) {
  return (
    <span
      className={classes(
        "grid size-7 flex-none place-items-center rounded-control border border-border bg-canvas dark:bg-hover",
        faded ? "text-text-3" : "text-text-2",
      )}
    >
      <ProviderGlyph provider={provider} />
    </span>
  );
}
