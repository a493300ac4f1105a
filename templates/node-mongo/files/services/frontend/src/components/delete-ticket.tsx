import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { isStatus } from "../api/errors";
import { deleteTicket, ticketKeys } from "../api/tickets";
import type { Ticket } from "../api/types";
import { ConfirmDialog } from "./confirm-dialog";
import { ErrorNotice } from "./error-notice";

export function DeleteTicket({ ticket }: { readonly ticket: Ticket }) {
  const [asking, setAsking] = useState(false);
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const deleting = useMutation({
    mutationFn: async () => {
      try {
        await deleteTicket(ticket.id, ticket.version);
      } catch (error) {
        // Someone was faster; what was wanted has happened.
        if (!isStatus(error, 404)) throw error;
      }
    },
    onSuccess: async () => {
      await navigate("/tickets", { replace: true });
      queryClient.removeQueries({ queryKey: ticketKeys.detail(ticket.id) });
      void queryClient.invalidateQueries({ queryKey: ticketKeys.lists });
    },
    onError: (error) => {
      if (isStatus(error, 412)) void queryClient.invalidateQueries({ queryKey: ticketKeys.detail(ticket.id) });
    },
  });

  return (
    <>
      <button type="button" className="button danger" onClick={() => setAsking(true)}>
        Delete
      </button>
      {asking && (
        <ConfirmDialog
          title="Delete this ticket?"
          confirmLabel={deleting.isPending ? "Deleting…" : "Delete"}
          busy={deleting.isPending}
          onConfirm={() => deleting.mutate()}
          onCancel={() => {
            deleting.reset();
            setAsking(false);
          }}
        >
          <p>Nobody will see “{ticket.title}” any more. After thirty days it is gone for good.</p>
          {deleting.error !== null && <ErrorNotice error={deleting.error} />}
        </ConfirmDialog>
      )}
    </>
  );
}
