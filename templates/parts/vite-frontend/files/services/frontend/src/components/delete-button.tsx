import { useMutation, useQueryClient, type QueryKey } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { useNavigate } from "react-router";
import { isStatus } from "../api/errors";
import { ConfirmDialog } from "./confirm-dialog";
import { ErrorNotice } from "./error-notice";

type Props = {
  /** The word for what is deleted: "article". */
  readonly what: string;
  readonly remove: () => Promise<void>;
  readonly onRefused?: (error: Error) => void;
  /** Where one goes when it is gone. */
  readonly listPath: string;
  readonly detailKey: QueryKey;
  readonly listsKey: QueryKey;
  /** What will be lost. */
  readonly children: ReactNode;
};

/** Asks, deletes what the page shows, and goes back to the list. */
export function DeleteButton({ what, remove, onRefused, listPath, detailKey, listsKey, children }: Props) {
  const [asking, setAsking] = useState(false);
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const deleting = useMutation({
    mutationFn: async () => {
      try {
        await remove();
      } catch (error) {
        // Someone was faster; what was wanted has happened.
        if (!isStatus(error, 404)) throw error;
      }
    },
    onSuccess: async () => {
      await navigate(listPath, { replace: true });
      queryClient.removeQueries({ queryKey: detailKey });
      void queryClient.invalidateQueries({ queryKey: listsKey });
    },
    onError: (error) => onRefused?.(error),
  });

  return (
    <>
      <button type="button" className="button danger" onClick={() => setAsking(true)}>
        Delete
      </button>
      {asking && (
        <ConfirmDialog
          title={`Delete this ${what}?`}
          confirmLabel={deleting.isPending ? "Deleting…" : "Delete"}
          busy={deleting.isPending}
          onConfirm={() => deleting.mutate()}
          onCancel={() => {
            deleting.reset();
            setAsking(false);
          }}
        >
          <p>{children}</p>
          {deleting.error !== null && <ErrorNotice error={deleting.error} />}
        </ConfirmDialog>
      )}
    </>
  );
}
