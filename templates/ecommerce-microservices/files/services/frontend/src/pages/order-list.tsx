import { useQuery } from "@tanstack/react-query";
import { Link, useSearchParams } from "react-router";
import { useAccount } from "../api/account";
import { orderListQuery } from "../api/orders";
import type { Order } from "../api/types";
import { DateTime } from "../components/date-time";
import { ErrorNotice } from "../components/error-notice";
import { StateBadge } from "../components/labels";
import { Loading } from "../components/loading";
import { PageHeading } from "../components/page-heading";
import { Pagination } from "../components/pagination";
import { Price } from "../components/price";
import { SelectField } from "../components/select-field";
import { pageIn } from "./page-in";

export function OrderListPage() {
  const [query, setQuery] = useSearchParams();
  const isAdmin = useAccount()?.role === "admin";
  const all = isAdmin && query.get("all") === "true";
  const page = pageIn(query);
  const orders = useQuery(orderListQuery({ page, all }));

  return (
    <>
      <PageHeading title="Orders" />
      {isAdmin && (
        <div className="filters">
          <SelectField
            label="Whose"
            value={all ? "true" : ""}
            options={[
              ["", "Mine"],
              ["true", "Everybody’s"],
            ]}
            onChange={(value) => setQuery(value === "" ? {} : { all: value }, { replace: true })}
          />
        </div>
      )}
      {orders.isPending && <Loading what="orders" />}
      {orders.error !== null && <ErrorNotice error={orders.error} onRetry={() => void orders.refetch()} />}
      {orders.data !== undefined && (
        <div aria-busy={orders.isPlaceholderData}>
          {orders.data.results.length === 0 ? <Nothing /> : <List orders={orders.data.results} />}
          <Pagination
            page={page}
            hasPrevious={page > 1}
            hasNext={orders.data.next !== null}
            onGo={(to) => setQuery({ ...(all ? { all: "true" } : {}), page: String(to) })}
          />
        </div>
      )}
    </>
  );
}

function List({ orders }: { readonly orders: readonly Order[] }) {
  return (
    <ul className="rows">
      {orders.map((order) => (
        <li key={order.id} className="row linked">
          <h2>
            <Link to={`/orders/${order.id}`}>{order.lines.map(({ name, quantity, product_id }) => `${quantity} × ${name ?? `product ${product_id}`}`).join(", ")}</Link>
          </h2>
          <p className="meta">
            <StateBadge state={order.state} />
            {order.total_cents !== null && <Price cents={order.total_cents} currency={order.currency} />}
            <DateTime value={order.created_at} />
            {typeof order.email === "string" && <span>{order.email}</span>}
          </p>
        </li>
      ))}
    </ul>
  );
}

function Nothing() {
  return (
    <div className="empty">
      <p>There are no orders yet.</p>
      <Link className="button" to="/products">
        All products
      </Link>
    </div>
  );
}
