/** A blueprint's files as they are being changed: what they may be called, and what becomes of them. */

import { expect, it } from "vitest";

import { changesOf, draftOf, movedOnto, pathFault } from "@/features/blueprints/draft";

const there = ["blueprint.toml", "schema.sql", "email/welcome.sv.txt"].map((path) => ({ path, text: "" }));

// Rust refuses the same, and so would the disk: the whole draft is neither looked at nor saved then.
it.each([
  ["../x", "shape"],
  ["a//b", "shape"],
  [".hidden", "shape"],
  ["a/.b", "shape"],
  ["C:\\x", "shape"],
  ["x.", "shape"],
  ["x./y.sql", "shape"],
  ["a /b.sql", "shape"],
  ["x".repeat(300), "long"],
  // Letters of two bytes each: the disk counts bytes.
  ["å".repeat(150), "long"],
  ["schema.sql", "taken"],
  ["SCHEMA.sql", "capitals"],
  ["Email/extra.txt", "capitals"],
  ["Schema.sql/x", "capitals"],
  ["schema.sql/x", "folder"],
  ["email", "folder"],
] as const)("a new file can't be called %s: %s", (path, fault) => {
  expect(pathFault(path, draftOf(there))).toBe(fault);
});

it.each(["extra.sql", "email/extra.txt", "_a-b/c d.e.sql", "åäö/1.txt", "x"])("a new file can be called %s", (path) => {
  expect(pathFault(path, draftOf(there))).toBeUndefined();
});

it("a draft is moved onto what is there now: only what it changed is its own", () => {
  const before = [..."abcd"].map((path) => ({ path, text: `${path} before` }));
  const draft = new Map([["a", "a mine"], ["b", "b before"], ["d", "d before"], ["new", "new mine"]]);
  const now = ["a", "b", "c", "other"].map((path) => ({ path, text: `${path} now` }));
  const moved = movedOnto(now, changesOf(before, draft));
  expect([...moved].sort()).toEqual([["a", "a mine"], ["b", "b now"], ["new", "new mine"], ["other", "other now"]]);
});
