import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { createTicket, ticketKeys } from "../api/tickets";
import type { TicketDraft } from "../api/types";
import { PageHeading } from "../components/page-heading";
import { TicketForm } from "../components/ticket-form";

export function TicketCreatePage() {
  const [draft, setDraft] = useState<TicketDraft>({ title: "", body: "", priority: "normal" });
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const creating = useMutation({
    mutationFn: createTicket,
    onSuccess: async (ticket) => {
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
        onChange={setDraft}
        submitLabel="Save"
        cancelTo="/tickets"
        busy={creating.isPending}
        error={creating.error}
        onSubmit={() => creating.mutate(draft)}
      />
    </>
  );
}
