import type { Account, Order, OrderDraft, Product, Shop, StockedProduct } from "../api/types";
import { cartStore, type CartLine } from "../cart/cart";
import { fakeApi, json, pageOf, problem, type FakeApi } from "./fake-api";

export const ORDER_ID = "3f0e4f4e-7d0c-4a52-9c67-0d6f4f6f0c11";

export const product = (changes: Partial<Product> = {}): Product => ({
  id: 1,
  name: "Enamel mug",
  description: "White with a blue rim.",
  price_cents: 1250,
  currency: "EUR",
  available: 40,
  active: true,
  version: 1,
  created_at: "2026-11-01T10:00:00Z",
  updated_at: "2026-11-01T10:00:00Z",
  ...changes,
});

export const stocked = (changes: Partial<StockedProduct> = {}): StockedProduct => ({
  ...product(),
  stock: 45,
  reserved: 2,
  sold: 3,
  ...changes,
});

export const account = (changes: Partial<Account> = {}): Account => ({
  id: "5a1c6f0e-0000-4000-8000-000000000001",
  email: "ada@example.com",
  role: "customer",
  created_at: "2026-11-01T09:00:00Z",
  ...changes,
});

export const SHIPPING = { name: "Ada Lovelace", street: "St James’s Square 12", postal_code: "10115", city: "Berlin", country: "DE" };

export const draft = (changes: Partial<OrderDraft> = {}): OrderDraft => ({
  items: [{ product_id: 1, quantity: 2 }],
  shipping: SHIPPING,
  payment_token: "tok_ok",
  expected_total_cents: 2500,
  ...changes,
});

export const order = (changes: Partial<Order> = {}): Order => ({
  id: ORDER_ID,
  state: "confirmed",
  final: changes.state !== "processing" && changes.state !== "cancelling",
  lines: [{ product_id: 1, name: "Enamel mug", quantity: 2, unit_price_cents: 1250 }],
  unavailable: [],
  total_cents: 2500,
  currency: "EUR",
  reason: null,
  shipping: SHIPPING,
  created_at: "2026-11-02T10:00:00Z",
  updated_at: "2026-11-02T10:00:01Z",
  ...changes,
});

export const shop = (changes: Partial<Shop> = {}): Shop => ({
  currency: "EUR",
  payment: {
    provider: "test",
    tokens: [
      { token: "tok_ok", label: "Test card that pays" },
      { token: "tok_declined", label: "Test card that is declined" },
    ],
  },
  ai: ["recommendation", "search"],
  ...changes,
});

/** Two mugs in the cart of whoever comes. */
export const fillCart = (changes: Partial<CartLine> = {}, owner: string | null = null): void =>
  cartStore.write({ owner, lines: [{ productId: 1, quantity: 2, name: "Enamel mug", priceCents: 1250, currency: "EUR", ...changes }] });

/** The shop's API with one product in it; `who` is signed in, or nobody. */
export function shopApi(who: Account | null = null): FakeApi {
  document.cookie = "csrftoken=token-in-cookie";
  return fakeApi()
    .on("GET /auth/me/", () => (who === null ? problem(401) : json(who)))
    .on("GET /shop/", () => json(shop()))
    .on("GET /products/", () => json(pageOf(product())))
    .on("GET /products/1/", () => json(product()))
    .on("GET /ai/recommendation/products/1/", () => json({ results: [] }))
    .on("GET /orders/", () => json(pageOf()))
    .on(`GET /orders/${ORDER_ID}/`, () => json(order()))
    .on(`GET /orders/${ORDER_ID}/events/`, () => json({ results: [{ at: "2026-11-02T10:00:00Z", event: "order_placed", actor: "ada", detail: {} }] }));
}
