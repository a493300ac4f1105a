import { onlineManager } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { fakeApi, json, problem } from "../test/fake-api";
import { request } from "./client";
import { ApiError } from "./errors";
import { createQueryClient } from "./query-client";

const read = () => createQueryClient().fetchQuery({ queryKey: ["notes"], queryFn: () => request("/notes/") });

/** How it ended, and after how many seconds. */
async function ending(call: Promise<unknown>): Promise<{ readonly end: string; readonly seconds: number }> {
  const started = Date.now();
  const after = (end: string) => ({ end, seconds: Math.floor((Date.now() - started) / 1000) });
  const ended = call.then(
    () => after("read"),
    (error: unknown) => after(error instanceof ApiError ? `refused ${error.status}` : String(error)),
  );
  await vi.advanceTimersByTimeAsync(600_000);
  return await Promise.race([ended, Promise.resolve(after("never"))]);
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  onlineManager.setOnline(true);
});

it("says at once that the site is closed for a while, instead of waiting in silence", async () => {
  const api = fakeApi().on("GET /notes/", () => problem(503, { retryAfter: "120" }));
  expect(await ending(read())).toEqual({ end: "refused 503", seconds: 0 });
  expect(api.calls("GET /notes/")).toHaveLength(1);
});

it("waits for what comes back soon, as long as the API asks", async () => {
  let asked = 0;
  fakeApi().on("GET /notes/", () => (++asked === 1 ? problem(503, { retryAfter: "5" }) : json({})));
  const { end, seconds } = await ending(read());
  expect(end).toBe("read");
  expect(seconds).toBeGreaterThanOrEqual(5);
  expect(asked).toBe(2);
});

it("tells whoever is offline so, for reading and for writing", async () => {
  onlineManager.setOnline(false);
  fakeApi().on("GET /notes/", () => {
    throw new TypeError("Failed to fetch");
  });
  const { end, seconds } = await ending(read());
  expect(end).toBe("refused 0");
  expect(seconds).toBeLessThan(10);

  const client = createQueryClient();
  const writing = client.getMutationCache().build(client, { mutationFn: () => request("/notes/") });
  expect((await ending(writing.execute(undefined))).end).toBe("refused 0");
});

it("asks again as soon as there is a connection", () => {
  expect(createQueryClient().defaultQueryOptions({ queryKey: ["notes"] }).refetchOnReconnect).toBe(true);
});
