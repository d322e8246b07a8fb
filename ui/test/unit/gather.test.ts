import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { gather } from "@/backend/gather";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("what comes within a while is given on together, and the next after a breath", async () => {
  const given: (readonly number[])[] = [];
  const { add } = gather<number>(100, (all) => given.push(all), 1000);
  add(1);
  await vi.advanceTimersByTimeAsync(99);
  add(2);
  expect(given).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(given).toEqual([[1, 2]]);
  add(3);
  await vi.advanceTimersByTimeAsync(999);
  expect(given).toHaveLength(1);
  add(4);
  await vi.advanceTimersByTimeAsync(1);
  expect(given).toEqual([[1, 2], [3, 4]]);
  await vi.advanceTimersByTimeAsync(5000);
  add(5);
  await vi.advanceTimersByTimeAsync(100);
  expect(given.at(-1)).toEqual([5]);
});

it("the breath is no longer where the clock was set back", async () => {
  const given: (readonly number[])[] = [];
  const wall = vi.spyOn(Date, "now").mockReturnValue(Date.parse("2026-11-22T12:00:00Z"));
  const { add } = gather<number>(100, (all) => given.push(all), 1000);
  add(1);
  await vi.advanceTimersByTimeAsync(100);
  wall.mockReturnValue(Date.parse("2026-11-21T12:00:00Z"));
  add(2);
  await vi.advanceTimersByTimeAsync(1000);
  wall.mockRestore();
  expect(given).toEqual([[1], [2]]);
});

it("nothing is given on once it has stopped", async () => {
  const give = vi.fn();
  const { add, stop } = gather<number>(100, give);
  add(1);
  stop();
  await vi.advanceTimersByTimeAsync(1000);
  expect(give).not.toHaveBeenCalled();
});
