import { useQuery } from "@tanstack/react-query";
import { ticketEventsQuery } from "../api/tickets";
import type { Ticket, TicketEvent } from "../api/types";
import { DateTime } from "./date-time";
import { ErrorNotice } from "./error-notice";
import { Loading } from "./loading";

const WORDS: Record<TicketEvent["kind"], string> = {
  created: "Opened",
  changed: "Changed",
  deleted: "Deleted",
  triaged: "Read by the worker",
};

export function History({ ticket }: { readonly ticket: Ticket }) {
  const events = useQuery(ticketEventsQuery(ticket));

  return (
    <section className="panel" aria-labelledby="history-title">
      <h2 id="history-title">History</h2>
      {events.isPending && <Loading what="the history" />}
      {events.error !== null && <ErrorNotice error={events.error} onRetry={() => void events.refetch()} />}
      {events.data !== undefined && (
        <ol className="history">
          {events.data.results.map((event) => (
            <li key={event.id}>
              <DateTime value={event.at} /> <strong>{WORDS[event.kind]}</strong>
              {event.changes.map(({ field, from, to }) => (
                <span key={field} className="history-change">
                  {field === "body" ? "text" : `${field}: ${String(from)} → ${String(to)}`}
                </span>
              ))}
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
