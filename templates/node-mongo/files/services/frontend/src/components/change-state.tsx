import { useMutation, useQueryClient } from "@tanstack/react-query";
import { isStatus } from "../api/errors";
import { ticketKeys, updateTicket } from "../api/tickets";
import { STATES, type Ticket, type TicketState } from "../api/types";
import { ErrorNotice } from "./error-notice";
import { STATE_WORDS } from "./labels";
import { SelectField } from "./select-field";

/** Moves a ticket on. If somebody was faster, shows what is stored now: whoever moved it decides again, knowing that. */
export function ChangeState({ ticket }: { readonly ticket: Ticket }) {
  const queryClient = useQueryClient();
  const changing = useMutation({
    mutationFn: (state: TicketState) => updateTicket(ticket.id, ticket.version, { state }),
    onSuccess: (saved) => {
      queryClient.setQueryData(ticketKeys.detail(saved.id), saved);
      void queryClient.invalidateQueries({ queryKey: ticketKeys.lists });
    },
    onError: (error) => {
      if (isStatus(error, 412)) void queryClient.invalidateQueries({ queryKey: ticketKeys.detail(ticket.id) });
    },
  });

  return (
    <div className="panel">
      <SelectField
        label="State"
        value={ticket.state}
        disabled={changing.isPending}
        options={STATES.map((state) => [state, STATE_WORDS[state]] as const)}
        onChange={(state) => changing.mutate(state)}
      />
      {isStatus(changing.error, 412) ? (
        <div className="notice warning" role="alert">
          <p className="notice-title">Somebody changed this ticket a moment ago</p>
          <p>Nothing was saved. This page shows the ticket as it is now.</p>
        </div>
      ) : (
        changing.error !== null && <ErrorNotice error={changing.error} />
      )}
    </div>
  );
}
