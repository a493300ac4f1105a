import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useNavigate } from "react-router";
import { isStatus } from "../api/errors";
import { ticketKeys, ticketQuery, updateTicket } from "../api/tickets";
import type { Ticket, TicketDraft } from "../api/types";
import { ConflictNotice } from "../components/conflict-notice";
import { ErrorNotice } from "../components/error-notice";
import { Loading } from "../components/loading";
import { PageHeading } from "../components/page-heading";
import { TicketForm } from "../components/ticket-form";
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
  // Where this text started from. Later answers of the API must neither move it nor touch what is being typed.
  const [version, setVersion] = useState(ticket.version);
  const [draft, setDraft] = useState(draftOf(ticket));
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const saving = useMutation({
    mutationFn: (from: number) => updateTicket(ticket.id, from, draft),
    onSuccess: async (saved) => {
      queryClient.setQueryData(ticketKeys.detail(saved.id), saved);
      void queryClient.invalidateQueries({ queryKey: ticketKeys.lists });
      await navigate(`/tickets/${saved.id}`);
    },
  });
  const conflict = isStatus(saving.error, 412) ? saving.error : null;

  return (
    <>
      <PageHeading title="Edit ticket" />
      {conflict !== null && (
        <ConflictNotice
          id={ticket.id}
          requestId={conflict.requestId}
          onKeepMine={(theirs) => {
            setVersion(theirs.version);
            saving.mutate(theirs.version);
          }}
          onTakeTheirs={(theirs) => {
            setVersion(theirs.version);
            setDraft(draftOf(theirs));
            saving.reset();
          }}
        />
      )}
      <TicketForm
        draft={draft}
        onChange={setDraft}
        submitLabel="Save changes"
        busy={saving.isPending || conflict !== null}
        error={conflict === null ? saving.error : null}
        onSubmit={() => saving.mutate(version)}
      >
        <Link className="button" to={`/tickets/${ticket.id}`}>
          Cancel
        </Link>
      </TicketForm>
    </>
  );
}
