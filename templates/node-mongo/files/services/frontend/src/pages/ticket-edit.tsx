import { useQueryClient } from "@tanstack/react-query";
import { ticketKeys, ticketQuery, updateTicket } from "../api/tickets";
import type { Ticket, TicketDraft } from "../api/types";
import { ConflictNotice } from "../components/conflict-notice";
import { EditPage } from "../components/edit-page";
import { PRIORITY_WORDS } from "../components/labels";
import { TicketForm } from "../components/ticket-form";
import { useVersionedDraft } from "../components/use-versioned-draft";
import { NotFoundPage } from "./not-found";
import { useTicketId } from "./use-ticket-id";

export function TicketEditPage() {
  const id = useTicketId();
  if (id === null) return <NotFoundPage what="ticket" />;
  return (
    <EditPage key={id} what="ticket" query={ticketQuery(id)}>
      {(ticket) => <Editor ticket={ticket} />}
    </EditPage>
  );
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
      {conflict !== null && <ConflictNotice what="ticket" query={ticketQuery(ticket.id)} {...conflict} />}
      <TicketForm {...form} submitLabel="Save changes" />
    </>
  );
}
