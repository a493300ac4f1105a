import { fireEvent, screen, waitFor } from "@testing-library/react";
import { beforeEach, describe, expect, it } from "vitest";
import { beginAttempt } from "../checkout/attempt";
import { expectAccessible } from "../test/accessible";
import { json, pageOf, problem, type FakeApi } from "../test/fake-api";
import { renderApp } from "../test/render-app";
import { ORDER_ID, SHIPPING, account, draft, fillCart, order, product, shop, shopApi } from "../test/shop";

let api: FakeApi;

beforeEach(() => {
  localStorage.clear();
  fillCart();
  api = shopApi(account());
});

type User = ReturnType<typeof renderApp>["user"];

async function fillIn(user: User) {
  await screen.findByLabelText("Name");
  const fields = [
    ["Name", SHIPPING.name],
    ["Street and number", SHIPPING.street],
    ["Postal code", SHIPPING.postal_code],
    ["City", SHIPPING.city],
  ] as const;
  for (const [label, text] of fields) fireEvent.change(screen.getByLabelText(label), { target: { value: text } });
  await user.click(screen.getByLabelText("City"));
  return await screen.findByRole("button", { name: "Order and pay €25.00" });
}
const orders = () => api.calls("POST /orders/");
const key = (at: number) => orders()[at]?.headers.get("Idempotency-Key");

describe("the checkout", () => {
  it("orders what is in the cart at the price that is shown, once, however often one clicks", async () => {
    api.on("POST /orders/", () => json(order(), 201));
    const { user, address } = renderApp("/checkout");
    const button = await fillIn(user);
    await expectAccessible();
    await user.dblClick(button);
    expect(await screen.findByRole("heading", { level: 1, name: "Order confirmed" })).toHaveFocus();
    expect(address()).toBe(`/orders/${ORDER_ID}`);
    expect(orders()).toHaveLength(1);
    expect(orders()[0]?.body).toEqual(draft());
    expect(key(0)).toMatch(/^[0-9a-f-]{36}$/);
    expect(screen.getByRole("link", { name: "Cart" })).toBeVisible();
  });

  it("keeps what was typed when the card is declined, and a new try is a new order", async () => {
    api.on("POST /orders/", () => problem(402, { code: "payment_declined", order: order({ state: "declined", reason: "card_declined" }) }));
    const { user } = renderApp("/checkout");
    const button = await fillIn(user);
    await user.selectOptions(screen.getByLabelText("Card"), "Test card that is declined");
    await user.click(button);
    const alert = await screen.findByRole("alert");
    expect(alert).toHaveTextContent("The card was declined. Nothing was charged. Choose another card and order again.");
    expect(alert).toHaveTextContent("Request id: req-4711");
    await expectAccessible();
    api.on("POST /orders/", () => json(order(), 201));
    await user.selectOptions(screen.getByLabelText("Card"), "Test card that pays");
    await user.click(screen.getByRole("button", { name: "Order and pay €25.00" }));
    await screen.findByRole("heading", { level: 1, name: "Order confirmed" });
    expect(orders().map(({ body }) => (body as { payment_token: string }).payment_token)).toEqual(["tok_declined", "tok_ok"]);
    expect(key(0)).not.toBe(key(1));
  });

  it("says what is out of stock, and does not offer to order it again", async () => {
    api.on("POST /orders/", () =>
      problem(409, {
        code: "out_of_stock",
        order: order({ state: "out_of_stock", reason: "out_of_stock", unavailable: [{ product_id: 1, available: 1 }] }),
      }),
    );
    const { user } = renderApp("/checkout");
    const button = await fillIn(user);
    api.on("GET /products/", () => json(pageOf(product({ available: 1 }))));
    await user.click(button);
    expect(await screen.findByRole("alert")).toHaveTextContent("Enamel mug: 1 left");
    await waitFor(() => expect(screen.getByRole("button", { name: /^Order and pay/ })).toBeDisabled());
    expect(screen.getByText(/Something in the cart cannot be ordered/)).toBeVisible();
  });

  it("shows a price that changed, and charges it only when it is agreed to", async () => {
    api.on("POST /orders/", () => problem(409, { code: "price_changed", order: order({ state: "cancelled", reason: "price_changed" }) }));
    const { user } = renderApp("/checkout");
    const button = await fillIn(user);
    api.on("GET /products/", () => json(pageOf(product({ price_cents: 1500 }))));
    await user.click(button);
    expect(await screen.findByRole("button", { name: "Order and pay €30.00" })).toBeEnabled();
    api.on("POST /orders/", () => json(order(), 201));
    await user.click(screen.getByRole("button", { name: "Order and pay €30.00" }));
    await screen.findByRole("heading", { level: 1, name: "Order confirmed" });
    expect(orders().map(({ body }) => (body as { expected_total_cents: number }).expected_total_cents)).toEqual([2500, 3000]);
  });

  it("leads to the field that the API refuses", async () => {
    api.on("POST /orders/", () => problem(400, { code: "invalid", errors: { "shipping.city": ["No such city."] } }));
    const { user } = renderApp("/checkout");
    await user.click(await fillIn(user));
    expect(await screen.findByText("No such city.")).toBeVisible();
    await waitFor(() => expect(screen.getByLabelText("City")).toHaveFocus());
  });

  it("with an order that has no answer yet asks for that one, and offers no other", async () => {
    const { key: open } = beginAttempt(account().id, draft());
    api.on("POST /orders/", () => json(order({ state: "processing" }), 202)).on(`GET /orders/${ORDER_ID}/`, () => json(order()));
    const { user } = renderApp("/checkout");
    await screen.findByRole("heading", { level: 1, name: "Your order has no answer yet" });
    expect(screen.queryByRole("button", { name: /^Order and pay/ })).not.toBeInTheDocument();
    await expectAccessible();
    await user.click(screen.getByRole("button", { name: "Ask again" }));
    await screen.findByRole("heading", { level: 1, name: /^Order/ });
    expect([key(0), orders()[0]?.body]).toEqual([open, draft()]);
  });

  it("forgets such an order only after a warning", async () => {
    beginAttempt(account().id, draft());
    const { user } = renderApp("/checkout");
    await user.click(await screen.findByRole("button", { name: "Forget it" }));
    expect(screen.getByText(/If it did arrive, it stays valid and is paid/)).toBeVisible();
    await user.click(screen.getAllByRole("button", { name: "Forget it" }).at(-1) as HTMLElement);
    expect(await screen.findByRole("heading", { level: 1, name: "Checkout" })).toBeVisible();
    expect(orders()).toHaveLength(0);
  });

  it("with a real provider takes its payment method, and offers no test card", async () => {
    api.on("GET /shop/", () => json(shop({ payment: { provider: "stripe", tokens: [] } }))).on("POST /orders/", () => json(order(), 201));
    const { user } = renderApp("/checkout");
    const button = await fillIn(user);
    expect(screen.queryByLabelText("Card")).not.toBeInTheDocument();
    await user.type(screen.getByLabelText("Payment method"), "pm_card_visa");
    await user.click(button);
    await screen.findByRole("heading", { level: 1, name: "Order confirmed" });
    expect(orders()[0]?.body).toMatchObject({ payment_token: "pm_card_visa" });
  });

  it("is for those who signed in, and comes back afterwards", async () => {
    let known = false;
    api.on("GET /auth/me/", () => (known ? json(account()) : problem(401))).on("POST /auth/login/", () => {
      known = true;
      return json(account());
    });
    const { user, address } = renderApp("/checkout");
    await user.type(await screen.findByLabelText("Email"), "ada@example.com");
    await user.type(screen.getByLabelText("Password"), "a long password");
    await user.click(screen.getByRole("button", { name: "Sign in" }));
    await screen.findByRole("button", { name: "Order and pay €25.00" });
    expect(address()).toBe("/checkout");
  });
});
