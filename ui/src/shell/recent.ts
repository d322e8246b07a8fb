/** The customers and runs that were last looked at in this workspace, the latest first. */

import { useLocation } from "@tanstack/react-router";
import { useEffect } from "react";

import { useOverview } from "@/backend/queries";

export interface Visited {
  kind: "customer" | "run";
  id: string;
}

/** How many are kept: with the one that is open, which the palette leaves out, a handful. */
const MOST = 6;

const KINDS: Partial<Record<string, Visited["kind"]>> = { customers: "customer", runs: "run" };
const keyOf = (workspace: string) => `fabrik.recent.${workspace}`;

/** What an address is the page of. */
function visitedAt(path: string): Visited | undefined {
  const [, list = "", id] = path.split("/");
  const kind = KINDS[list];
  return kind === undefined || id === undefined || id === "" ? undefined : { kind, id };
}

function isVisited(one: unknown): one is Visited {
  return typeof one === "object" && one !== null && "id" in one && typeof one.id === "string" && "kind" in one && Object.values(KINDS).some((kind) => kind === one.kind);
}

function read(workspace: string): Visited[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(keyOf(workspace)) ?? "[]");
    return Array.isArray(kept) ? kept.filter(isVisited) : [];
  } catch {
    return [];
  }
}

/** Keeps what is looked at. */
export function useNoteVisits() {
  const path = useLocation({ select: ({ pathname }) => pathname });
  const workspace = useOverview().data?.workspace;
  useEffect(() => {
    const visited = visitedAt(path);
    if (workspace === undefined || visited === undefined) return;
    const others = read(workspace).filter(({ id }) => id !== visited.id);
    localStorage.setItem(keyOf(workspace), JSON.stringify([visited, ...others].slice(0, MOST)));
  }, [path, workspace]);
}

/** What was looked at before the page that is open. */
export function useRecent(): Visited[] {
  const path = useLocation({ select: ({ pathname }) => pathname });
  const workspace = useOverview().data?.workspace;
  return workspace === undefined ? [] : read(workspace).filter(({ id }) => id !== visitedAt(path)?.id);
}
