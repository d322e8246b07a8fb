import { QueryClient, QueryObserver } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { CommandError, ConnectionError, problemOf } from "@/backend/errors";
import { followHints } from "@/backend/hints";
import { HttpPort, takeToken } from "@/backend/http";
import { keys } from "@/backend/keys";
import { oldestRead } from "@/backend/trouble";

import { MemoryPort } from "../port";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function watched(client: QueryClient, queryKey: readonly unknown[]) {
  const ask = vi.fn(() => Promise.resolve(1));
  new QueryObserver(client, { queryKey, queryFn: ask, staleTime: Number.POSITIVE_INFINITY }).subscribe(() => undefined);
  return ask;
}

it("a hint asks again for what it is about, once for many", async () => {
  const port = new MemoryPort({});
  const client = new QueryClient();
  const stop = followHints(port, client);
  const [mine, other, settings] = [keys.run("a"), keys.run("b"), keys.settings].map((key) => watched(client, key));
  await vi.advanceTimersByTimeAsync(10);
  for (let times = 0; times < 50; times += 1) port.hint("runs", "a");
  await vi.advanceTimersByTimeAsync(500);
  expect(mine).toHaveBeenCalledTimes(2);
  expect(other).toHaveBeenCalledTimes(1);
  expect(settings).toHaveBeenCalledTimes(1);
  port.connection(true);
  await vi.advanceTimersByTimeAsync(500);
  expect(other).toHaveBeenCalledTimes(2);
  stop();
  port.hint("settings");
  await vi.advanceTimersByTimeAsync(500);
  expect(settings).toHaveBeenCalledTimes(2);
});

it("a run's many events touch a list once a second, and its own page at once", async () => {
  const port = new MemoryPort({});
  const client = new QueryClient();
  const stop = followHints(port, client);
  const list = watched(client, keys.customers({ sort: "updated", descending: false, limit: 100, offset: 0 }));
  const page = watched(client, keys.run("a"));
  await vi.advanceTimersByTimeAsync(10);
  for (let times = 0; times < 40; times += 1) {
    port.hint("runs", "a");
    await vi.advanceTimersByTimeAsync(100);
  }
  await vi.advanceTimersByTimeAsync(1000);
  expect(page.mock.calls.length).toBeGreaterThan(15);
  expect(list.mock.calls.length).toBeGreaterThanOrEqual(4);
  expect(list.mock.calls.length).toBeLessThanOrEqual(6);
  stop();
});

it("a hint about another customer leaves this one's page be", async () => {
  const port = new MemoryPort({});
  const client = new QueryClient();
  const stop = followHints(port, client);
  const [mine, other] = [keys.customer("a"), keys.customer("b")].map((key) => watched(client, key));
  await vi.advanceTimersByTimeAsync(10);
  port.hint("customers", "a");
  await vi.advanceTimersByTimeAsync(1500);
  expect(mine).toHaveBeenCalledTimes(2);
  expect(other).toHaveBeenCalledTimes(1);
  stop();
});

it("the token leaves the address, and stays for a reload", () => {
  const kept = new Map<string, string>();
  const storage = { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => void kept.set(key, value) } as Storage;
  const history = { replaceState: vi.fn() } as unknown as History;
  const token = "abcdefghijklmnop0123";
  expect(takeToken({ hash: `#token=${token}`, pathname: "/", search: "" } as Location, history, storage)).toBe(token);
  expect(history.replaceState).toHaveBeenCalledWith(null, "", "/");
  expect(takeToken({ hash: "#/customers", pathname: "/", search: "" } as Location, history, storage)).toBe(token);
});

it("an answer of 422 is a problem, any other failure a lost connection", async () => {
  const fetched = vi.fn();
  vi.stubGlobal("fetch", fetched);
  const port = new HttpPort("secret");
  const told: boolean[] = [];
  port.onConnection((connected) => told.push(connected));
  fetched.mockResolvedValueOnce(new Response(JSON.stringify({ code: "run_unknown", run: "x" }), { status: 422 }));
  const refused = await port.call("run_get", { run: "x" }).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(CommandError);
  expect(problemOf(refused)).toEqual({ code: "run_unknown", run: "x" });
  expect(fetched.mock.calls[0]?.[1]).toMatchObject({ headers: { authorization: "Bearer secret" } });
  fetched.mockRejectedValueOnce(new TypeError("no network"));
  await expect(port.call("overview", {})).rejects.toBeInstanceOf(ConnectionError);
  fetched.mockResolvedValueOnce(new Response("{}", { status: 200 }));
  await port.call("overview", {});
  expect(told).toEqual([false, true]);
});

it("what changed while it was out of sight is from when it was read", () => {
  const client = new QueryClient();
  client.setQueryData(keys.counts, {}, { updatedAt: 2000 });
  client.setQueryData(keys.overview, {}, { updatedAt: 1000 });
  void client.invalidateQueries({ queryKey: keys.counts, refetchType: "none" });
  expect(oldestRead(client), "it is not on the screen").toBe(Number.POSITIVE_INFINITY);
  watched(client, keys.counts);
  watched(client, keys.overview);
  expect(oldestRead(client), "the other is as it was").toBe(2000);
  client.clear();
});
