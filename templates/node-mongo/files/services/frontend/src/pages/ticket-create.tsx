import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "react-router";
import { createTicket, ticketKeys } from "../api/tickets";
import type { TicketDraft } from "../api/types";
import { PageHeading } from "../components/page-heading";
import { TicketForm } from "../components/ticket-form";
import { useDraft } from "../components/use-draft";

const EMPTY: TicketDraft = { title: "", body: "", priority: "normal" };

export function TicketCreatePage() {
  const { draft, write, forget, restored } = useDraft(EMPTY);
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const creating = useMutation({
    mutationFn: createTicket,
    onSuccess: async (ticket) => {
      forget();
      queryClient.setQueryData(ticketKeys.detail(ticket.id), ticket);
      void queryClient.invalidateQueries({ queryKey: ticketKeys.lists });
      await navigate(`/tickets/${ticket.id}`);
    },
  });

  return (
    <>
      <PageHeading title="New ticket" />
      <TicketForm
        draft={draft}
        onChange={write}
        restored={restored}
        submitLabel="Save"
        cancelTo="/tickets"
        onCancel={forget}
        busy={creating.isPending}
        error={creating.error}
        onSubmit={() => creating.mutate(draft)}
      />
    </>
  );
}
