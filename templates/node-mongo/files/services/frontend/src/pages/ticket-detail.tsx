import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { isStatus } from "../api/errors";
import { watchedTicketQuery } from "../api/tickets";
import type { Ticket } from "../api/types";
import { ChangeState } from "../components/change-state";
import { DateTime } from "../components/date-time";
import { DeleteTicket } from "../components/delete-ticket";
import { ErrorNotice } from "../components/error-notice";
import { History } from "../components/history";
import { PRIORITY_WORDS, StateBadge } from "../components/labels";
import { Loading } from "../components/loading";
import { PageHeading } from "../components/page-heading";
import { TriagePanel } from "../components/triage-panel";
import { NotFoundPage } from "./not-found";
import { useTicketId } from "./use-ticket-id";

export function TicketDetailPage() {
  const id = useTicketId();
  return id === null ? <NotFoundPage what="ticket" /> : <Watched key={id} id={id} />;
}

function Watched({ id }: { readonly id: string }) {
  const ticket = useQuery(watchedTicketQuery(id));

  if (isStatus(ticket.error, 404)) return <NotFoundPage what="ticket" />;
  return (
    <>
      {ticket.isPending && <Loading what="the ticket" />}
      {ticket.error !== null && <ErrorNotice error={ticket.error} onRetry={() => void ticket.refetch()} />}
      {ticket.data !== undefined && <Detail ticket={ticket.data} />}
    </>
  );
}

function Detail({ ticket }: { readonly ticket: Ticket }) {
  return (
    <article>
      <PageHeading title={ticket.title}>
        <div className="actions">
          <Link className="button" to={`/tickets/${ticket.id}/edit`}>
            Edit
          </Link>
          <DeleteTicket ticket={ticket} />
        </div>
      </PageHeading>
      <p className="meta">
        <StateBadge state={ticket.state} />
        <span>{PRIORITY_WORDS[ticket.priority]} priority</span>
        <span>
          Opened <DateTime value={ticket.created_at} />
        </span>
        <span>Version {ticket.version}</span>
      </p>
      <div className="ticket-columns">
        <div className="prose">{ticket.body}</div>
        <div className="ticket-side">
          <ChangeState ticket={ticket} />
          <TriagePanel triage={ticket.triage} />
          <History ticket={ticket} />
        </div>
      </div>
    </article>
  );
}
