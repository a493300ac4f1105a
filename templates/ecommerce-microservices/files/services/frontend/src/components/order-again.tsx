import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { productsByIdQuery } from "../api/products";
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
      const products = await queryClient.fetchQuery(productsByIdQuery(order.lines.map(({ product_id }) => product_id)));
      for (const product of products.filter(({ id }) => !inCart(id)))
        cart.add(product, order.lines.find(({ product_id }) => product_id === product.id)?.quantity ?? 1);
      await navigate("/cart");
    } catch (reason) {
      setError(reason as Error);
    } finally {
      setBusy(false);
    }
  }

  if (order.state !== "declined" && order.state !== "out_of_stock" && order.state !== "cancelled") return null;
  return (
    <div className="order-again">
      {error !== null && <ErrorNotice error={error} />}
      <button type="button" className="button" disabled={busy} onClick={() => void fill()}>
        {busy ? "One moment…" : "Put it into the cart again"}
      </button>
    </div>
  );
}
