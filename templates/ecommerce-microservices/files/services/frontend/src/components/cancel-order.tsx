import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { isCode } from "../api/errors";
import { cancelOrder, orderKeys } from "../api/orders";
import type { Order } from "../api/types";
import { ConfirmDialog } from "./confirm-dialog";
import { ErrorNotice } from "./error-notice";

export function CancelOrder({ order }: { readonly order: Order }) {
  const [asking, setAsking] = useState(false);
  const queryClient = useQueryClient();
  const cancelling = useMutation({
    mutationFn: () => cancelOrder(order.id),
    onSuccess: (changed) => {
      queryClient.setQueryData(orderKeys.detail(order.id), changed);
      void queryClient.invalidateQueries({ queryKey: [...orderKeys.all, "list"] });
      setAsking(false);
    },
    onError: (error) => {
      if (isCode(error, "not_cancellable")) void queryClient.invalidateQueries({ queryKey: orderKeys.detail(order.id) });
    },
  });

  if (order.state !== "confirmed" && order.state !== "processing" && !asking) return null;
  return (
    <>
      <button type="button" className="button danger" onClick={() => setAsking(true)}>
        Cancel the order
      </button>
      {asking && (
        <ConfirmDialog
          title="Cancel this order?"
          confirmLabel={cancelling.isPending ? "One moment…" : "Yes, cancel it"}
          cancelLabel="Keep it"
          busy={cancelling.isPending}
          onConfirm={() => cancelling.mutate()}
          onCancel={() => {
            cancelling.reset();
            setAsking(false);
          }}
        >
          <p>The pieces go back into stock, and what was charged goes back to you.</p>
          {cancelling.error !== null && <ErrorNotice error={cancelling.error} />}
        </ConfirmDialog>
      )}
    </>
  );
}
