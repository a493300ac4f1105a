import { useQuery } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { Link } from "react-router";
import { useAccount } from "../api/account";
import { shopQuery } from "../api/shop";
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
  const shop = useQuery(shopQuery);

  if (open !== null && (!order.placing || order.resuming))
    return <OpenAttempt attempt={open} error={order.error} busy={order.placing} onAsk={() => order.place(open.draft)} />;
  if (cart.lines.length === 0 && !order.placing) return <Nothing />;
  return (
    <>
      <PageHeading title="Checkout" />
      {order.error !== null && <RefusedOrder error={order.error} />}
      {priced.error !== null && <ErrorNotice error={priced.error} onRetry={priced.retry} />}
      <div className="columns">
        <section className="panel beside" aria-labelledby="summary-title">
          <h2 id="summary-title">Your order</h2>
          <OrderLines
            lines={priced.lines.map(({ line, product, unitCents }) => ({
              id: line.productId,
              name: product?.name ?? line.name,
              quantity: line.quantity,
              unitCents,
            }))}
            totalCents={priced.totalCents}
            currency={priced.currency}
          />
          <Link to="/cart">Change the cart</Link>
        </section>
        {shop.isPending && <Loading what="how one can pay" />}
        {shop.error !== null && <ErrorNotice error={shop.error} onRetry={() => void shop.refetch()} />}
        {shop.data !== undefined && (
          <CheckoutForm
            payment={shop.data.payment}
            sent={order.draft}
            error={order.error}
            busy={order.placing}
            retrying={order.retrying}
            orderable={priced.orderable}
            totalCents={priced.totalCents}
            currency={priced.currency}
            onSubmit={(filled) =>
              order.place({
                ...filled,
                items: cart.lines.map(({ productId, quantity }) => ({ product_id: productId, quantity })),
                expected_total_cents: priced.totalCents,
              })
            }
          />
        )}
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
