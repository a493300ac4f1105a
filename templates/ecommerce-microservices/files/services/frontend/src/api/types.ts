import type { User } from "./shared-types";

export type Account = User & {
  readonly id: string;
  readonly role: "customer" | "admin";
  readonly created_at: string;
};

/** What this instance sells with: asked once, so that one build of the pages serves every set of options. */
export type Shop = {
  readonly currency: string;
  readonly payment: {
    readonly provider: "test" | "stripe";
    /** Of the test provider; empty with a real one. */
    readonly tokens: readonly { readonly token: string; readonly label: string }[];
  };
  /** The AI services that answer; empty without the option. */
  readonly ai: readonly string[];
};

export type Product = {
  readonly id: number;
  readonly name: string;
  readonly description: string;
  /** Whole cents: floats are wrong by one sooner or later. */
  readonly price_cents: number;
  readonly currency: string;
  readonly available: number;
  readonly active: boolean;
  readonly version: number;
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
  readonly id: number | string;
  readonly at: string;
  readonly kind: string;
  readonly quantity: number;
  readonly actor: string;
  readonly reason: string | null;
  readonly request_id: string | null;
};

export type OrderState = "processing" | "confirmed" | "declined" | "out_of_stock" | "cancelling" | "cancelled";

export type Shipping = {
  readonly name: string;
  readonly street: string;
  readonly postal_code: string;
  readonly city: string;
  readonly country: string;
};

export type OrderLine = {
  readonly product_id: number;
  /** Both are unknown until the stock has answered. */
  readonly name: string | null;
  readonly unit_price_cents: number | null;
  readonly quantity: number;
};

export type Order = {
  readonly id: string;
  readonly state: OrderState;
  /** Whether the state can still change by itself. */
  readonly final: boolean;
  readonly reason: string | null;
  readonly lines: readonly OrderLine[];
  readonly unavailable: readonly { readonly product_id: number; readonly available: number }[];
  readonly total_cents: number | null;
  readonly currency: string;
  readonly shipping: Shipping | null;
  readonly created_at: string;
  readonly updated_at: string;
  /** For administrators only. */
  readonly email?: string | null;
};

export type OrderDraft = {
  readonly items: readonly { readonly product_id: number; readonly quantity: number }[];
  readonly shipping: Shipping;
  readonly payment_token: string;
  /** What the customer saw. The API charges nothing else. */
  readonly expected_total_cents: number;
};

export type OrderEvent = {
  readonly at: string;
  readonly event: string;
  readonly actor: string;
  readonly detail: unknown;
};
