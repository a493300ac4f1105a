import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { ApiError } from "./errors";
import { untilSettled } from "./until-settled";

const pause = untilSettled(({ done }: { readonly done: boolean }) => done, 5_000);
const after = (dataUpdateCount: number, error: Error | null = null, done = false) => pause({ state: { data: { done }, dataUpdateCount, error } });

const refusal = (status: number, retryAt: number | null = null) =>
  new ApiError({ status, title: "", detail: "", requestId: null, retryAt, fieldErrors: {} });

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

it("asks no more when it is settled, and not before there is anything", () => {
  expect(after(3, null, true)).toBe(false);
  expect(pause({ state: { data: undefined, dataUpdateCount: 0, error: null } })).toBe(false);
});

it("asks ever more slowly, but never stops", () => {
  expect([1, 2, 3].map((count) => Math.round(after(count) || 0))).toEqual([1_000, 1_400, 1_960]);
  expect(after(99)).toBe(5_000);
});

it("waits as long as a 429 says, and not for any other refusal", () => {
  expect(after(1, refusal(429, 1_020_000))).toBe(20_000);
  expect(after(1, refusal(429))).toBe(1_000);
  expect(after(1, refusal(503, 1_020_000))).toBe(1_000);
});
