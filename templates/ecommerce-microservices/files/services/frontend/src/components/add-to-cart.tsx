import { useId, useState } from "react";
import type { Product } from "../api/types";
import { MAX_LINES } from "../cart/cart";
import { useCart } from "../cart/use-cart";
import { QuantityField } from "./quantity-field";

type Props = {
  readonly product: Product;
  /** In a list one piece at a time is enough. */
  readonly choosesQuantity?: boolean;
};

export function AddToCart({ product, choosesQuantity = false }: Props) {
  const cart = useCart();
  const [quantity, setQuantity] = useState(1);
  const [said, setSaid] = useState("");
  const statusId = useId();
  const inCart = cart.lines.find(({ productId }) => productId === product.id)?.quantity ?? 0;

  function add(): void {
    if (inCart === 0 && cart.lines.length >= MAX_LINES) {
      setSaid(`The cart holds ${MAX_LINES} different products. Order these first, or take one out.`);
      return;
    }
    if (inCart + quantity > product.available) {
      setSaid(inCart === 0 ? `There are only ${product.available}.` : `There are only ${product.available}, and ${inCart} of them are in your cart.`);
      return;
    }
    cart.add(product, quantity);
    setQuantity(1);
    setSaid(`Added. ${inCart + quantity} in your cart.`);
  }

  if (product.available <= 0 || !product.active) return null;
  return (
    <div className="add-to-cart">
      {choosesQuantity && <QuantityField of={product.name} value={quantity} onChange={setQuantity} />}
      <button type="button" className={choosesQuantity ? "button primary" : "button"} onClick={add} aria-describedby={statusId}>
        Add to cart <span className="visually-hidden">{product.name}</span>
      </button>
      <p className="hint" role="status" id={statusId}>
        {said}
      </p>
    </div>
  );
}
