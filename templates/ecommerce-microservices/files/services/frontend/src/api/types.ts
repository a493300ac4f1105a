import type { User } from "./shared-types";

export type Account = User & {
  readonly id: string;
  readonly role: "customer" | "admin";
  readonly created_at: string;
};

/** An amount as the API writes it: "19.98". Never a float. */
export type Amount = string;

export type Product = {
  readonly id: number;
  readonly name: string;
  readonly description: string;
  readonly price: Amount;
  readonly currency: string;
  readonly available: number;
  readonly active: boolean;
  readonly created_at: string;
  readonly updated_at: string;
};

/** What administrators see besides: stock = available + reserved + sold, always. */
export type StockedProduct = Product & {
  readonly stock: number;
  readonly reserved: number;
  readonly sold: number;
};

export type Movement = {
  readonly id: number;
  readonly at: string;
  readonly kind: string;
  readonly quantity: number;
  readonly actor: string;
  readonly reason: string | null;
  readonly reservation_id: string | null;
};

export type OrderStatus = "processing" | "confirmed" | "declined" | "out_of_stock" | "cancelling" | "cancelled";

export type Shipping = {
  readonly name: string;
  readonly street: string;
  readonly postal_code: string;
  readonly city: string;
  readonly country: string;
};

export type OrderItem = {
  readonly product_id: number;
  /** Both are unknown until the stock answered. */
  readonly name: string | null;
  readonly unit_price: Amount | null;
  readonly quantity: number;
};

export type Order = {
  readonly id: string;
  readonly status: OrderStatus;
  readonly items: readonly OrderItem[];
  readonly total: Amount | null;
  readonly currency: string;
  readonly failure: string | null;
  readonly shipping?: Shipping | null;
  readonly created_at: string;
  readonly updated_at: string;
  /** For administrators only. */
  readonly email?: string;
};

export type OrderDraft = {
  readonly items: readonly { readonly product_id: number; readonly quantity: number }[];
  readonly shipping: Shipping;
  readonly payment_token: string;
  /** What the customer saw. The API charges nothing else. */
  readonly expected_total: Amount;
};

export type OrderEvent = {
  readonly at: string;
  readonly event: string;
  readonly actor: string;
  readonly detail: unknown;
};

export type NumberedPage<Item> = {
  readonly count: number;
  readonly page: number;
  readonly page_size: number;
  readonly results: readonly Item[];
};
