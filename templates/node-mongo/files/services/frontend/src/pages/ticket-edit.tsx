import { useQuery, useQueryClient } from "@tanstack/react-query";
import { isStatus } from "../api/errors";
import { ticketKeys, ticketQuery, updateTicket } from "../api/tickets";
import type { Ticket, TicketDraft } from "../api/types";
import { ConflictNotice } from "../components/conflict-notice";
import { ErrorNotice } from "../components/error-notice";
import { PRIORITY_WORDS } from "../components/labels";
import { Loading } from "../components/loading";
import { PageHeading } from "../components/page-heading";
import { TicketForm } from "../components/ticket-form";
import { useVersionedDraft } from "../components/use-versioned-draft";
import { NotFoundPage } from "./not-found";
import { useTicketId } from "./use-ticket-id";

export function TicketEditPage() {
  const id = useTicketId();
  return id === null ? <NotFoundPage what="ticket" /> : <Loaded key={id} id={id} />;
}

function Loaded({ id }: { readonly id: string }) {
  const ticket = useQuery(ticketQuery(id));

  if (isStatus(ticket.error, 404)) return <NotFoundPage what="ticket" />;
  if (ticket.data !== undefined) return <Editor ticket={ticket.data} />;
  if (ticket.error !== null) return <ErrorNotice error={ticket.error} onRetry={() => void ticket.refetch()} />;
  return <Loading what="the ticket" />;
}

const draftOf = ({ title, body, priority }: Ticket): TicketDraft => ({ title, body, priority });

function Editor({ ticket }: { readonly ticket: Ticket }) {
  const queryClient = useQueryClient();
  const { form, conflict } = useVersionedDraft({
    stored: ticket,
    draftOf,
    otherFields: { Priority: ({ priority }) => PRIORITY_WORDS[priority] },
    save: (from, changes) => updateTicket(ticket.id, from, changes),
    conflictStatus: 412,
    onSaved: (saved) => {
      queryClient.setQueryData(ticketKeys.detail(saved.id), saved);
      void queryClient.invalidateQueries({ queryKey: ticketKeys.lists });
    },
    leaveTo: `/tickets/${ticket.id}`,
  });

  return (
    <>
      <PageHeading title="Edit ticket" />
      {conflict !== null && <ConflictNotice what="ticket" query={ticketQuery(ticket.id)} {...conflict} />}
      <TicketForm {...form} submitLabel="Save changes" />
    </>
  );
}
