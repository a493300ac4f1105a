import { act, screen, waitFor } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { cartStore } from "../cart/cart";
import { expectAccessible } from "../test/accessible";
import { json, pageOf, problem, type FakeApi } from "../test/fake-api";
import { renderApp } from "../test/render-app";
import { ORDER_ID, account, order, shopApi } from "../test/shop";

let api: FakeApi;
const path = `GET /orders/${ORDER_ID}/`;
const reads = () => api.calls(path).length;
const pass = (ms: number) => act(() => vi.advanceTimersByTimeAsync(ms));

beforeEach(() => {
  localStorage.clear();
  api = shopApi(account());
});

describe("an order that is not at its end", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("is asked for until it is, and then no more", async () => {
    const answers = ["processing", "processing"] as const;
    let at = 0;
    api.on(path, () => json(order({ state: answers[at++] ?? "confirmed" })));
    renderApp(`/orders/${ORDER_ID}`);
    await pass(50);
    expect(screen.getByRole("heading", { level: 1, name: "Order in progress" })).toBeVisible();
    await pass(5_000);
    expect(screen.getByRole("heading", { level: 1, name: "Order confirmed" })).toBeVisible();
    const done = reads();
    await pass(60_000);
    expect(reads()).toBe(done);
  });

  it("is asked for ever more slowly while nothing comes", async () => {
    api.on(path, () => json(order({ state: "processing" })));
    renderApp(`/orders/${ORDER_ID}`);
    await pass(60_000);
    expect(reads()).toBeGreaterThan(7);
    expect(reads()).toBeLessThan(14);
  });

  it("is left alone for as long as the API asks for it", async () => {
    let refused = false;
    api.on(path, () => {
      if (!refused && reads() > 1) {
        refused = true;
        return problem(429, { retryAfter: "30" });
      }
      return json(order({ state: refused ? "confirmed" : "processing" }));
    });
    renderApp(`/orders/${ORDER_ID}`);
    await pass(10_000);
    const before = reads();
    await pass(15_000);
    expect(reads()).toBe(before);
    await pass(20_000);
    expect(screen.getByRole("heading", { level: 1, name: "Order confirmed" })).toBeVisible();
  });
});

describe("an order", () => {
  it("is cancelled after a question, in words that cannot be mistaken", async () => {
    api.on(`POST /orders/${ORDER_ID}/cancel/`, () => json(order({ state: "cancelled", reason: "cancelled_by_customer" })));
    const { user } = renderApp(`/orders/${ORDER_ID}`);
    await user.click(await screen.findByRole("button", { name: "Cancel the order" }));
    await expectAccessible();
    await user.click(screen.getByRole("button", { name: "Keep it" }));
    expect(api.calls(`POST /orders/${ORDER_ID}/cancel/`)).toHaveLength(0);
    await user.click(screen.getByRole("button", { name: "Cancel the order" }));
    await user.click(screen.getByRole("button", { name: "Yes, cancel it" }));
    expect(await screen.findByText("It was cancelled as asked. What was charged goes back.")).toBeVisible();
    expect(screen.queryByRole("button", { name: "Cancel the order" })).not.toBeInTheDocument();
  });

  it("that came to nothing fills the cart again", async () => {
    api.on(path, () => json(order({ state: "declined", reason: "insufficient_funds" })));
    const { user, address } = renderApp(`/orders/${ORDER_ID}`);
    expect(await screen.findByText(/There is not enough money on the card/)).toBeVisible();
    await expectAccessible();
    await user.click(screen.getByRole("button", { name: "Put it into the cart again" }));
    await waitFor(() => expect(address()).toBe("/cart"));
    expect(cartStore.read().lines).toMatchObject([{ productId: 1, quantity: 2 }]);
  });

  it.each([`/orders/${ORDER_ID.replace("3f", "4f")}`, "/orders/nine"])("%s is said to be missing", async (address) => {
    api.on(`GET /orders/${ORDER_ID.replace("3f", "4f")}/`, () => problem(404));
    renderApp(address);
    expect(await screen.findByText("This order does not exist, or no longer.")).toBeVisible();
  });
});

describe("the list of orders", () => {
  it("is one's own, and everybody's only for administrators", async () => {
    api.on("GET /orders/", () => json(pageOf(order())));
    renderApp("/orders?all=true");
    expect(await screen.findByRole("link", { name: "2 × Enamel mug" })).toBeVisible();
    expect(screen.queryByLabelText("Whose")).not.toBeInTheDocument();
    expect(api.calls("GET /orders/")[0]?.query.has("all")).toBe(false);
    await expectAccessible();
  });

  it("names who ordered, for administrators who ask for all", async () => {
    api.on("GET /auth/me/", () => json(account({ role: "admin" }))).on("GET /orders/", ({ query }) => json(query.get("all") === "true" ? pageOf(order({ email: "eve@example.com" })) : pageOf()));
    const { user } = renderApp("/orders");
    await user.selectOptions(await screen.findByLabelText("Whose"), "Everybody’s");
    expect(await screen.findByText("eve@example.com")).toBeVisible();
  });
});
