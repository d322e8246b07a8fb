/** What a vendor, the system or the reader of blueprints said of a problem, under our words for it. */
export function OwnWords({ words }: { words: string | undefined }) {
  return words === undefined ? null : <span className="mono mt-0.5 block wrap-anywhere">{words}</span>;
}
