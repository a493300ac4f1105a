import type { Product } from "../api/types";
import { isRecord, storedValue } from "../storage/stored-value";

export const MAX_QUANTITY = 99;
export const MAX_LINES = 20;

export type CartLine = {
  readonly productId: number;
  readonly quantity: number;
  /** As they were when the line was made: shown until the API has said what they are now. */
  readonly name: string;
  readonly priceCents: number;
  readonly currency: string;
};

/** `owner` is the account that filled it, or null while nobody had signed in. */
export type Cart = {
  readonly owner: string | null;
  readonly lines: readonly CartLine[];
};

export const EMPTY_CART: Cart = { owner: null, lines: [] };

export const cartStore = storedValue<Cart>("shop.cart", EMPTY_CART, parseCart);

/**
 * The cart as one person may see it. What somebody filled before signing in is theirs afterwards; what another account
 * left on this machine is not shown, and makes room for the first thing that is added.
 */
export const cartOf = (cart: Cart, owner: string | null): Cart =>
  cart.owner === owner || cart.owner === null ? { owner, lines: cart.lines } : { owner, lines: [] };

export function withProduct(cart: Cart, product: Product, quantity: number): Cart {
  const known = cart.lines.find(({ productId }) => productId === product.id);
  const line: CartLine = {
    productId: product.id,
    quantity: clampQuantity((known?.quantity ?? 0) + quantity),
    name: product.name,
    priceCents: product.price_cents,
    currency: product.currency,
  };
  if (known !== undefined) return { ...cart, lines: cart.lines.map((one) => (one === known ? line : one)) };
  return cart.lines.length >= MAX_LINES ? cart : { ...cart, lines: [...cart.lines, line] };
}

export const withQuantity = (cart: Cart, productId: number, quantity: number): Cart => ({
  ...cart,
  lines: cart.lines.map((line) => (line.productId === productId ? { ...line, quantity: clampQuantity(quantity) } : line)),
});

export const without = (cart: Cart, productId: number): Cart => ({
  ...cart,
  lines: cart.lines.filter((line) => line.productId !== productId),
});

export const countOf = (cart: Cart): number => cart.lines.reduce((count, { quantity }) => count + quantity, 0);

const clampQuantity = (quantity: number): number => Math.min(MAX_QUANTITY, Math.max(1, Math.trunc(quantity)));

function parseCart(stored: unknown): Cart | null {
  if (!isRecord(stored) || !Array.isArray(stored["lines"])) return null;
  const owner = stored["owner"];
  return {
    owner: typeof owner === "string" ? owner : null,
    lines: stored["lines"].map(parseLine).filter((line) => line !== null).slice(0, MAX_LINES),
  };
}

function parseLine(stored: unknown): CartLine | null {
  if (!isRecord(stored)) return null;
  const { productId, quantity, name, priceCents, currency } = stored;
  if (!Number.isInteger(productId) || !Number.isInteger(quantity) || !Number.isInteger(priceCents)) return null;
  if (typeof name !== "string" || typeof currency !== "string" || !/^[A-Z]{3}$/.test(currency)) return null;
  return { productId: productId as number, quantity: clampQuantity(quantity as number), name, priceCents: priceCents as number, currency };
}
