/** A key, or keys pressed together, as printed on the keyboard. */

export function Kbd({ children }: { children: string }) {
  return (
    <kbd
      aria-hidden
      className="inline-flex h-[18px] min-w-5 items-center justify-center whitespace-nowrap rounded-chip border border-border bg-canvas px-[5px] font-sans text-key font-normal text-text-3 dark:bg-hover"
    >
      {children}
    </kbd>
  );
}
