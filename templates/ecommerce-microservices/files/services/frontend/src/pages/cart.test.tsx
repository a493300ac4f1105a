import { screen, waitFor } from "@testing-library/react";
import { beforeEach, describe, expect, it } from "vitest";
import { cartStore } from "../cart/cart";
import { expectAccessible } from "../test/accessible";
import { json, pageOf, type FakeApi } from "../test/fake-api";
import { renderApp } from "../test/render-app";
import { account, fillCart, product, shopApi } from "../test/shop";

let api: FakeApi;

beforeEach(() => {
  localStorage.clear();
  fillCart();
  api = shopApi();
});

describe("the cart", () => {
  it("is there again after a reload, at the prices of now", async () => {
    api.on("GET /products/", () => json(pageOf(product({ price_cents: 1300 }))));
    const { user } = renderApp("/cart");
    expect(await screen.findByText("It was €12.50 when you chose it.")).toBeVisible();
    expect(screen.getAllByText("€26.00").length).toBeGreaterThan(0);
    await expectAccessible();
    await user.click(screen.getByRole("button", { name: "One more of Enamel mug" }));
    expect(screen.getAllByText("€39.00").length).toBeGreaterThan(0);
    expect(cartStore.read().lines[0]?.quantity).toBe(3);
  });

  it("takes what is typed when it is a quantity, and only then", async () => {
    const { user } = renderApp("/cart");
    const quantity = await screen.findByLabelText("Quantity of Enamel mug");
    await user.clear(quantity);
    expect(cartStore.read().lines[0]?.quantity).toBe(2);
    await user.type(quantity, "x");
    await user.tab();
    expect(quantity).toHaveValue("2");
    await user.clear(quantity);
    await user.type(quantity, "12");
    expect(cartStore.read().lines[0]?.quantity).toBe(12);
  });

  it("keeps the focus on the page when a line goes", async () => {
    const { user } = renderApp("/cart");
    await user.click(await screen.findByRole("button", { name: "Remove Enamel mug" }));
    expect(await screen.findByText("There is nothing in your cart.")).toBeVisible();
    await waitFor(() => expect(screen.getByRole("heading", { name: "Cart" })).toHaveFocus());
  });

  it.each([
    ["sold out", () => json(pageOf(product({ available: 0 }))), "It is sold out. Remove it to go on."],
    ["too few", () => json(pageOf(product({ available: 1 }))), "There is only 1 left. Take fewer to go on."],
    ["no longer sold", () => json(pageOf(product({ active: false }))), "This product is no longer sold. Remove it to go on."],
    ["gone", () => json(pageOf()), "This product is no longer sold. Remove it to go on."],
  ])("with what is %s does not lead to the checkout", async (_what, answer, words) => {
    api.on("GET /products/", answer);
    renderApp("/cart");
    expect(await screen.findByText(words)).toBeVisible();
    expect(screen.queryByRole("link", { name: "Check out" })).not.toBeInTheDocument();
  });

  it("of another account is not shown", async () => {
    fillCart({}, "somebody else");
    api.on("GET /auth/me/", () => json(account()));
    renderApp("/cart");
    expect(await screen.findByText("There is nothing in your cart.")).toBeVisible();
  });
});
