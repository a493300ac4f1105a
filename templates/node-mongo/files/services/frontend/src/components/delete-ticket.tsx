import { useQueryClient } from "@tanstack/react-query";
import { isStatus } from "../api/errors";
import { deleteTicket, ticketKeys } from "../api/tickets";
import type { Ticket } from "../api/types";
import { DeleteButton } from "./delete-button";

export function DeleteTicket({ ticket: { id, version, title } }: { readonly ticket: Ticket }) {
  const queryClient = useQueryClient();

  return (
    <DeleteButton
      what="ticket"
      remove={() => deleteTicket(id, version)}
      onRefused={(error) => {
        // Whoever deletes decides again, knowing what somebody else has changed.
        if (isStatus(error, 412)) void queryClient.invalidateQueries({ queryKey: ticketKeys.detail(id) });
      }}
      listPath="/tickets"
      detailKey={ticketKeys.detail(id)}
      listsKey={ticketKeys.lists}
    >
      Nobody will see “{title}” any more. After thirty days it is gone for good.
    </DeleteButton>
  );
}
