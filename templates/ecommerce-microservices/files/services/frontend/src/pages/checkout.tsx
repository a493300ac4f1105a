import { useSyncExternalStore } from "react";
import { Link } from "react-router";
import { useAccount } from "../api/account";
import type { Account } from "../api/types";
import { usePricedCart } from "../cart/priced";
import { useCart } from "../cart/use-cart";
import { attemptOf, attemptStore } from "../checkout/attempt";
import { usePlaceOrder } from "../checkout/use-place-order";
import { CheckoutForm } from "../components/checkout-form";
import { ErrorNotice } from "../components/error-notice";
import { Loading } from "../components/loading";
import { OpenAttempt } from "../components/open-attempt";
import { OrderLines } from "../components/order-lines";
import { PageHeading } from "../components/page-heading";
import { RefusedOrder } from "../components/refused-order";

export function CheckoutPage() {
  const account = useAccount();
  return account ? <Checkout account={account} /> : <Loading what="your session" />;
}

function Checkout({ account }: { readonly account: Account }) {
  const cart = useCart();
  const priced = usePricedCart(cart.lines);
  const order = usePlaceOrder(account.id);
  const open = attemptOf(useSyncExternalStore(attemptStore.subscribe, attemptStore.read), account.id);
  const orderable = !priced.pending && priced.error === null && priced.lines.every(({ obstacle }) => obstacle === null);

  if (open !== null && (!order.placing || order.resuming))
    return <OpenAttempt attempt={open} error={order.error} busy={order.placing} onAsk={() => order.place(open.draft)} />;
  if (cart.lines.length === 0 && !order.placing) return <Nothing />;
  return (
    <>
      <PageHeading title="Checkout" />
      {order.error !== null && <RefusedOrder error={order.error} />}
      {priced.error !== null && <ErrorNotice error={priced.error} onRetry={priced.retry} />}
      <div className="columns">
        <CheckoutForm
          sent={order.draft}
          error={order.error}
          busy={order.placing}
          retrying={order.retrying}
          orderable={orderable}
          total={priced.total}
          currency={priced.currency}
          onSubmit={(filled) =>
            order.place({
              ...filled,
              items: cart.lines.map(({ productId, quantity }) => ({ product_id: productId, quantity })),
              expected_total: priced.total,
            })
          }
        />
        <section className="panel" aria-labelledby="summary-title">
          <h2 id="summary-title">Your order</h2>
          <OrderLines
            lines={priced.lines.map(({ line, product, unitPrice }) => ({
              id: line.productId,
              name: product?.name ?? line.name,
              quantity: line.quantity,
              unitPrice,
            }))}
            total={priced.total}
            currency={priced.currency}
          />
          <Link to="/cart">Change the cart</Link>
        </section>
      </div>
    </>
  );
}

function Nothing() {
  return (
    <div className="empty">
      <PageHeading title="Checkout" />
      <p>There is nothing in your cart.</p>
      <Link className="button" to="/products">
        All products
      </Link>
    </div>
  );
}
