import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { productQuery } from "../api/products";
import type { Order } from "../api/types";
import { useCart } from "../cart/use-cart";
import { ErrorNotice } from "./error-notice";

/** An order that came to nothing has emptied the cart for nothing: this fills it again, with what is still sold. */
export function OrderAgain({ order }: { readonly order: Order }) {
  const cart = useCart();
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const [error, setError] = useState<Error | null>(null);
  const [busy, setBusy] = useState(false);

  const inCart = (id: number) => cart.lines.some(({ productId }) => productId === id);

  async function fill(): Promise<void> {
    setBusy(true);
    setError(null);
    try {
      const products = await Promise.all(order.items.map(({ product_id }) => queryClient.fetchQuery(productQuery(product_id))));
      const missing = products.map((product, at) => ({ product, wanted: order.items[at]?.quantity ?? 1 })).filter(({ product }) => !inCart(product.id));
      for (const { product, wanted } of missing) cart.add(product, wanted);
      await navigate("/cart");
    } catch (reason) {
      setError(reason as Error);
    } finally {
      setBusy(false);
    }
  }

  if (order.status !== "declined" && order.status !== "out_of_stock" && order.status !== "cancelled") return null;
  return (
    <div className="order-again">
      {error !== null && <ErrorNotice error={error} />}
      <button type="button" className="button" disabled={busy} onClick={() => void fill()}>
        {busy ? "One moment…" : "Put it into the cart again"}
      </button>
    </div>
  );
}
