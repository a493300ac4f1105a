import { useEffect, useRef } from "react";
import { Link } from "react-router";
import { usePricedCart, type PricedLine } from "../cart/priced";
import { useCart, type UsedCart } from "../cart/use-cart";
import { ErrorNotice } from "../components/error-notice";
import { PageHeading } from "../components/page-heading";
import { Price } from "../components/price";
import { QuantityField } from "../components/quantity-field";
import { inWords } from "../money";

export function CartPage() {
  const cart = useCart();
  const priced = usePricedCart(cart.lines);
  useKeptFocus(cart.lines.length);

  if (cart.lines.length === 0)
    return (
      <div className="empty">
        <PageHeading title="Cart" />
        <p>There is nothing in your cart.</p>
        <Link className="button" to="/products">
          All products
        </Link>
      </div>
    );
  return (
    <>
      <PageHeading title="Cart" />
      {priced.error !== null && <ErrorNotice error={priced.error} onRetry={priced.retry} />}
      <div className="columns">
        <ul className="cart-lines" aria-busy={priced.pending}>
          {priced.lines.map((one) => (
            <Line key={one.line.productId} priced={one} cart={cart} />
          ))}
        </ul>
        <section className="panel" aria-label="Total">
          <p className="order-total" role="status">
            <span>Total</span>
            <Price cents={priced.totalCents} currency={priced.currency} />
          </p>
          {priced.orderable ? (
            <Link className="button primary" to="/checkout">
              Check out
            </Link>
          ) : (
            <p className="hint">{priced.pending ? "Asking what is there…" : "Change the lines that cannot be ordered; then you can check out."}</p>
          )}
          <Link to="/products">Go on looking</Link>
        </section>
      </div>
    </>
  );
}

function Line({ priced, cart }: { readonly priced: PricedLine; readonly cart: UsedCart }) {
  const { line, product, unitCents, costCents, obstacle, priceChanged } = priced;
  const name = product?.name ?? line.name;
  const currency = product?.currency ?? line.currency;

  return (
    <li className="cart-line">
      <h2>{obstacle === "gone" ? name : <Link to={`/products/${line.productId}`}>{name}</Link>}</h2>
      <p className="meta">
        <span>{inWords(unitCents, currency)} each</span>
        {priceChanged && <span>It was {inWords(line.priceCents, line.currency)} when you chose it.</span>}
      </p>
      {obstacle !== null && (
        <p className="field-error" role="alert">
          {OBSTACLE_WORDS[obstacle](product?.available ?? 0)}
        </p>
      )}
      <div className="cart-line-row">
        <QuantityField of={name} value={line.quantity} onChange={(quantity) => cart.setQuantity(line.productId, quantity)} />
        <button type="button" className="button quiet" onClick={() => cart.remove(line.productId)}>
          Remove <span className="visually-hidden">{name}</span>
        </button>
        <Price cents={costCents} currency={currency} />
      </div>
    </li>
  );
}

/** A line takes its buttons along when it goes, and the focus with them: it goes to the heading, not to nowhere. */
function useKeptFocus(count: number): void {
  const before = useRef(count);
  useEffect(() => {
    if (count < before.current && document.activeElement === document.body) document.querySelector("h1")?.focus();
    before.current = count;
  }, [count]);
}

const OBSTACLE_WORDS = {
  gone: () => "This product is no longer sold. Remove it to go on.",
  "sold out": () => "It is sold out. Remove it to go on.",
  "too many": (available: number) => `There ${available === 1 ? "is" : "are"} only ${available} left. Take fewer to go on.`,
} as const;
