import { beforeEach, describe, expect, it } from "vitest";
import { fillCart, product } from "../test/shop";
import { EMPTY_CART, MAX_LINES, MAX_QUANTITY, cartOf, cartStore, countOf, withProduct, withQuantity, without } from "./cart";

beforeEach(() => localStorage.clear());

describe("the cart", () => {
  it("adds to the line that is there, at the price of now", () => {
    const once = withProduct(EMPTY_CART, product(), 2);
    const twice = withProduct(once, product({ price_cents: 1300 }), 1);
    expect(twice.lines).toEqual([{ productId: 1, quantity: 3, name: "Enamel mug", priceCents: 1300, currency: "EUR" }]);
    expect(countOf(twice)).toBe(3);
    expect(without(twice, 1).lines).toEqual([]);
  });

  it("keeps to its limits", () => {
    expect(withQuantity(withProduct(EMPTY_CART, product(), 1), 1, 500).lines[0]?.quantity).toBe(MAX_QUANTITY);
    expect(withQuantity(withProduct(EMPTY_CART, product(), 1), 1, -3).lines[0]?.quantity).toBe(1);
    let full = EMPTY_CART;
    for (let id = 1; id <= MAX_LINES + 3; id++) full = withProduct(full, product({ id }), 1);
    expect(full.lines).toHaveLength(MAX_LINES);
  });

  it("of nobody becomes that of who signs in; that of another account is not shown", () => {
    fillCart();
    expect(countOf(cartOf(cartStore.read(), "ada"))).toBe(2);
    fillCart({}, "eve");
    expect(countOf(cartOf(cartStore.read(), "ada"))).toBe(0);
    expect(countOf(cartOf(cartStore.read(), null))).toBe(0);
    expect(countOf(cartOf(cartStore.read(), "eve"))).toBe(2);
  });

  it.each([
    "no JSON",
    "null",
    "[]",
    '{"lines":[{"productId":"1"}]}',
    '{"owner":7,"lines":[{"productId":1,"quantity":1,"name":"x","priceCents":"100","currency":"EUR"}]}',
    '{"lines":[{"productId":1,"quantity":1,"name":"x","priceCents":100,"currency":"<b>"}]}',
  ])("is empty where %s is stored", (stored) => {
    localStorage.setItem("shop.cart", stored);
    expect(cartStore.read().lines).toEqual([]);
  });

  it("is the same object until it changes, and tells of changes in other tabs", () => {
    fillCart();
    expect(cartStore.read()).toBe(cartStore.read());
    let told = 0;
    const stop = cartStore.subscribe(() => told++);
    dispatchEvent(new StorageEvent("storage", { key: "shop.cart" }));
    dispatchEvent(new StorageEvent("storage", { key: "something else" }));
    expect(told).toBe(1);
    stop();
    dispatchEvent(new StorageEvent("storage", { key: "shop.cart" }));
    expect(told).toBe(1);
  });
});
