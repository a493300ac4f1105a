import { useQueries } from "@tanstack/react-query";
import { isStatus } from "../api/errors";
import { productQuery } from "../api/products";
import type { Amount, Product } from "../api/types";
import { sum, times } from "../money";
import type { CartLine } from "./cart";

export type PricedLine = {
  readonly line: CartLine;
  /** As the catalogue has it now; null while it has not answered. */
  readonly product: Product | null;
  readonly unitPrice: Amount;
  readonly cost: Amount;
  /** Why this line cannot be ordered as it stands; null if it can. */
  readonly obstacle: "gone" | "sold out" | "too many" | null;
  readonly priceChanged: boolean;
};

export type PricedCart = {
  readonly lines: readonly PricedLine[];
  readonly total: Amount;
  readonly currency: string;
  readonly pending: boolean;
  readonly error: Error | null;
  readonly retry: () => void;
};

/** The lines with what they cost and whether they can be had, asked of the catalogue and not of this machine's memory. */
export function usePricedCart(lines: readonly CartLine[]): PricedCart {
  const answers = useQueries({ queries: lines.map(({ productId }) => productQuery(productId)) });
  const priced = lines.map((line, at) => price(line, answers[at]?.data ?? null, isStatus(answers[at]?.error, 404)));
  const failed = answers.filter(({ error }) => error !== null && !isStatus(error, 404));

  return {
    lines: priced,
    total: sum(priced.map(({ cost }) => cost)),
    currency: priced[0]?.product?.currency ?? lines[0]?.currency ?? "EUR",
    pending: answers.some(({ isPending }) => isPending),
    error: failed[0]?.error ?? null,
    retry: () => {
      for (const answer of failed) void answer.refetch();
    },
  };
}

function price(line: CartLine, product: Product | null, missing: boolean): PricedLine {
  const unitPrice = product?.price ?? line.price;
  return {
    line,
    product,
    unitPrice,
    cost: times(unitPrice, line.quantity),
    obstacle: missing ? "gone" : product === null ? null : obstacleOf(product, line.quantity),
    priceChanged: product !== null && product.price !== line.price,
  };
}

function obstacleOf({ active, available }: Product, quantity: number): PricedLine["obstacle"] {
  if (!active) return "gone";
  if (available === 0) return "sold out";
  return quantity > available ? "too many" : null;
}
