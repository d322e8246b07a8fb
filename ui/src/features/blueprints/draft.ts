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

/** A draft's changes upon the files that are there now: a file that it leaves alone is as it is there. */
export function movedOnto(now: readonly BlueprintFile[], changes: readonly FileChange[]): Draft {
  const moved = new Map(draftOf(now));
  for (const { path, after } of changes) {
    if (after === undefined) moved.delete(path);
    else moved.set(path, after);
  }
  return moved;
}

export type PathFault = "empty" | "shape" | "long" | "taken" | "capitals" | "folder";

/** A name that every system keeps as it is written: some lose a dot or a space at its end. */
const PLAIN = /^[\p{Alphabetic}\p{N}_-](?:[\p{Alphabetic}\p{N}._ -]*[\p{Alphabetic}\p{N}_-])?$/u;

/** In bytes: no system takes a longer name, and none here is near it. */
const MAX_PATH = 255;

/** A path after the folders that it is in. */
function placesOf(path: string): string[] {
  const parts = path.split("/");
  return parts.map((_, place) => parts.slice(0, place + 1).join("/"));
}

/** Why a new file can't be called so: Rust would refuse the draft. */
export function pathFault(path: string, draft: Draft): PathFault | undefined {
  if (path === "") return "empty";
  if (!path.split("/").every((part) => PLAIN.test(part))) return "shape";
  if (new TextEncoder().encode(path).length > MAX_PATH) return "long";
  if (draft.has(path)) return "taken";
  const own = placesOf(path);
  const others = new Set([...draft.keys()].flatMap(placesOf));
  const written = new Map([...others].map((place) => [place.toLowerCase(), place]));
  if (own.some((place) => (written.get(place.toLowerCase()) ?? place) !== place)) return "capitals";
  // What is in its way is a file where it needs a folder, or a folder where it would be.
  return others.has(path) || own.some((place) => draft.has(place)) ? "folder" : undefined;
}
