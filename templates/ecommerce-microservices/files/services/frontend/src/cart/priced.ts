import { useQuery } from "@tanstack/react-query";
import { productsByIdQuery } from "../api/products";
import type { Product } from "../api/types";
import type { CartLine } from "./cart";

export type PricedLine = {
  readonly line: CartLine;
  /** As the catalogue has it now; null while it has not answered, or has it no more. */
  readonly product: Product | null;
  readonly unitCents: number;
  readonly costCents: number;
  /** Why this line cannot be ordered as it stands; null if it can. */
  readonly obstacle: "gone" | "sold out" | "too many" | null;
  readonly priceChanged: boolean;
};

export type PricedCart = {
  readonly lines: readonly PricedLine[];
  readonly totalCents: number;
  readonly currency: string;
  /** The catalogue has answered, and all of it can be ordered. */
  readonly orderable: boolean;
  readonly pending: boolean;
  readonly error: Error | null;
  readonly retry: () => void;
};

/** The lines with what they cost and whether they can be had, asked of the catalogue and not of this machine's memory. */
export function usePricedCart(lines: readonly CartLine[]): PricedCart {
  const answer = useQuery(productsByIdQuery(lines.map(({ productId }) => productId)));
  const priced = lines.map((line) => price(line, answer.data));

  return {
    lines: priced,
    totalCents: priced.reduce((total, { costCents }) => total + costCents, 0),
    currency: lines[0]?.currency ?? "EUR",
    orderable: answer.isSuccess && !answer.isPlaceholderData && priced.every(({ obstacle }) => obstacle === null),
    pending: answer.isPending || answer.isPlaceholderData,
    error: answer.error,
    retry: () => void answer.refetch(),
  };
}

function price(line: CartLine, products: readonly Product[] | undefined): PricedLine {
  const product = products?.find(({ id }) => id === line.productId) ?? null;
  const unitCents = product?.price_cents ?? line.priceCents;
  return {
    line,
    product,
    unitCents,
    costCents: unitCents * line.quantity,
    obstacle: products === undefined ? null : obstacleOf(product, line.quantity),
    priceChanged: unitCents !== line.priceCents,
  };
}

function obstacleOf(product: Product | null, quantity: number): PricedLine["obstacle"] {
  if (product?.active !== true) return "gone";
  if (product.available <= 0) return "sold out";
  return quantity > product.available ? "too many" : null;
}
