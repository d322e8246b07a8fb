/** A blueprint's files as they are being changed, held against those that were opened. */

import type { BlueprintFile } from "@/backend/bindings";

export type Draft = ReadonlyMap<string, string>;

export interface FileChange {
  path: string;
  /** None where the file is new. */
  before: string | undefined;
  /** None where it is removed. */
  after: string | undefined;
}

export const MANIFEST = "blueprint.toml";

export function draftOf(files: readonly BlueprintFile[]): Draft {
  return new Map(files.map(({ path, text }) => [path, text]));
}

export function filesOf(draft: Draft): BlueprintFile[] {
  return [...draft].map(([path, text]) => ({ path, text }));
}

/** The manifest, then by path. */
export function pathsOf(draft: Draft): string[] {
  const rank = (path: string) => (path === MANIFEST ? 0 : 1);
  return [...draft.keys()].sort((one, other) => rank(one) - rank(other) || one.localeCompare(other, "en"));
}

export function changesOf(opened: readonly BlueprintFile[], draft: Draft): FileChange[] {
  const before = draftOf(opened);
  return pathsOf(new Map([...before, ...draft]))
    .map((path) => ({ path, before: before.get(path), after: draft.get(path) }))
    .filter((change) => change.before !== change.after);
}

export type PathFault = "empty" | "shape" | "taken";

/** Why a new file can't be called so: Rust refuses what leads out of the folder. */
export function pathFault(path: string, draft: Draft): PathFault | undefined {
  if (path === "") return "empty";
  const plain = path.split("/").every((part) => /^[\p{L}\p{N}_-][\p{L}\p{N}._ -]*$/u.test(part));
  if (!plain) return "shape";
  return draft.has(path) ? "taken" : undefined;
}
