import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { isCode, isStatus } from "../api/errors";
import { json, problem, type FakeApi } from "../test/fake-api";
import { draft, order, shopApi } from "../test/shop";
import { attemptOf, attemptStore, beginAttempt } from "./attempt";
import { sendOrder } from "./send-order";

let api: FakeApi;

beforeEach(() => {
  localStorage.clear();
  vi.useFakeTimers();
  api = shopApi();
});
afterEach(() => {
  vi.useRealTimers();
});

const lost = () => {
  throw new TypeError("Failed to fetch");
};
const keys = () => api.calls("POST /orders/").map(({ headers }) => headers.get("Idempotency-Key"));

/** What became of sending, after all its pauses. */
async function send(mayHaveArrived = false): Promise<unknown> {
  const sent = sendOrder(beginAttempt("ada", draft()), { mayHaveArrived, onRetry: () => undefined }).catch((error: unknown) => error);
  await vi.advanceTimersByTimeAsync(120_000);
  return await sent;
}

describe("sending an order", () => {
  it("is over with its order", async () => {
    api.on("POST /orders/", () => json(order(), 201));
    expect(await send()).toMatchObject({ state: "confirmed" });
    expect(attemptStore.read()).toBeNull();
    expect(api.calls("POST /orders/")[0]?.body).toEqual(draft());
  });

  it("asks again for a lost answer, with the same key and body", async () => {
    const answers = [lost, () => problem(502), () => problem(503, { retryAfter: "5" })];
    api.on("POST /orders/", () => answers.shift()?.() ?? json(order(), 201));
    expect(await send()).toMatchObject({ state: "confirmed" });
    expect(keys()).toHaveLength(4);
    expect(new Set(keys()).size).toBe(1);
  });

  it("stays open when no answer comes, and goes out with the same key later", async () => {
    api.on("POST /orders/", lost);
    expect(isStatus(await send(), 0)).toBe(true);
    expect(attemptStore.read()?.draft).toEqual(draft());
    api.on("POST /orders/", () => json(order(), 201));
    // Something else in the cart by now is no second order while the first has no answer.
    await sendOrder(beginAttempt("ada", draft({ payment_token: "tok_slow" })), { mayHaveArrived: true, onRetry: () => undefined });
    expect(new Set(keys()).size).toBe(1);
    expect(api.calls("POST /orders/").at(-1)?.body).toEqual(draft());
    expect(attemptStore.read()).toBeNull();
  });

  it.each([400, 402, 409, 422])("is over with %i, and the next one has a new key", async (status) => {
    api.on("POST /orders/", () => problem(status, { code: "said" }));
    expect(isCode(await send(true), "said")).toBe(true);
    expect(attemptStore.read()).toBeNull();
    await send();
    expect(new Set(keys()).size).toBe(2);
  });

  it.each([401, 403, 429])("is over with %i at the first try, and still open if it may have arrived before", async (status) => {
    api.on("POST /orders/", () => problem(status));
    await send();
    expect(attemptStore.read()).toBeNull();
    await send(true);
    expect(attemptStore.read()).not.toBeNull();
  });

  it("is nobody else's", () => {
    beginAttempt("ada", draft());
    expect(attemptOf(attemptStore.read(), "eve")).toBeNull();
    expect(attemptOf(attemptStore.read(), undefined)).toBeNull();
  });

  it("that somebody wrote into the storage by hand is none", () => {
    localStorage.setItem("shop.attempt", '{"owner":"ada","key":"k","startedAt":"x","draft":{}}');
    expect(attemptStore.read()).toBeNull();
  });
});
