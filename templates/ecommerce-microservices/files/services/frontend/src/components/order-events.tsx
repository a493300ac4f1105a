import { useQuery } from "@tanstack/react-query";
import { orderEventsQuery } from "../api/orders";
import type { Order } from "../api/types";
import { DateTime } from "./date-time";
import { ErrorNotice } from "./error-notice";
import { Loading } from "./loading";
import { sentence } from "./sentence";

/** The audit log of an order, which no one can edit. */
export function OrderEvents({ order }: { readonly order: Order }) {
  const events = useQuery(orderEventsQuery(order));
  return (
    <section className="panel" aria-labelledby="events-title">
      <h2 id="events-title">What happened</h2>
      {events.isPending && <Loading what="what happened" />}
      {events.error !== null && <ErrorNotice error={events.error} onRetry={() => void events.refetch()} />}
      <ol className="history">
        {events.data?.results.map(({ at, event }) => (
          <li key={`${at} ${event}`}>
            <span>{sentence(event)}</span> <DateTime value={at} />
          </li>
        ))}
      </ol>
    </section>
  );
}
