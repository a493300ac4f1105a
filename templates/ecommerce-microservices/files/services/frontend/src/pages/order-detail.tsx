import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "react-router";
import { isStatus } from "../api/errors";
import { watchedOrderQuery } from "../api/orders";
import type { Order } from "../api/types";
import { CancelOrder } from "../components/cancel-order";
import { countryName } from "../components/country-name";
import { DateTime } from "../components/date-time";
import { ErrorNotice } from "../components/error-notice";
import { StateBadge, reasonInWords } from "../components/labels";
import { Loading } from "../components/loading";
import { OrderEvents } from "../components/order-events";
import { OrderLines } from "../components/order-lines";
import { OrderAgain } from "../components/order-again";
import { PageHeading } from "../components/page-heading";
import { NotFoundPage } from "./not-found";

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export function OrderDetailPage() {
  const { id = "" } = useParams();
  return UUID.test(id) ? <Watched key={id} id={id} /> : <NotFoundPage what="order" />;
}

function Watched({ id }: { readonly id: string }) {
  const order = useQuery(watchedOrderQuery(id));

  if (isStatus(order.error, 404)) return <NotFoundPage what="order" />;
  return (
    <>
      {order.isPending && <Loading what="the order" />}
      {order.error !== null && <ErrorNotice error={order.error} onRetry={() => void order.refetch()} />}
      {order.data !== undefined && <Detail order={order.data} />}
    </>
  );
}

function Detail({ order }: { readonly order: Order }) {
  return (
    <article>
      <p className="back">
        <Link to="/orders">All orders</Link>
      </p>
      <PageHeading title={TITLES[order.state]}>
        <CancelOrder order={order} />
      </PageHeading>
      <div className="status-line" role="status">
        <p className="meta">
          <StateBadge state={order.state} />
          <span>
            Ordered <DateTime value={order.created_at} />
          </span>
          {typeof order.email === "string" && <span>{order.email}</span>}
        </p>
        {!order.final && <p>This page says by itself how it ends. You may also leave it: the order goes on.</p>}
        {order.reason !== null && <p>{reasonInWords(order.reason)}</p>}
      </div>
      <OrderAgain order={order} />
      <div className="columns">
        <section className="panel" aria-labelledby="lines-title">
          <h2 id="lines-title">What was ordered</h2>
          <OrderLines
            lines={order.lines.map(({ product_id, name, quantity, unit_price_cents }) => ({
              id: product_id,
              name: name ?? `product ${product_id}`,
              quantity,
              unitCents: unit_price_cents,
            }))}
            totalCents={order.total_cents}
            currency={order.currency}
          />
          <p className="digest">
            Order <code>{order.id}</code>
          </p>
        </section>
        <div className="side">
          {order.shipping && (
            <section className="panel" aria-labelledby="address-title">
              <h2 id="address-title">Delivery address</h2>
              <address>
                {order.shipping.name}
                <br />
                {order.shipping.street}
                <br />
                {order.shipping.postal_code} {order.shipping.city}
                <br />
                {countryName(order.shipping.country)}
              </address>
            </section>
          )}
          <OrderEvents order={order} />
        </div>
      </div>
    </article>
  );
}

const TITLES: Readonly<Record<Order["state"], string>> = {
  processing: "Order in progress",
  confirmed: "Order confirmed",
  declined: "Payment declined",
  out_of_stock: "Out of stock",
  cancelling: "Order being cancelled",
  cancelled: "Order cancelled",
};
