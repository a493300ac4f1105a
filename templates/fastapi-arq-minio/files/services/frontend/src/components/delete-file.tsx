import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { isStatus } from "../api/errors";
import { deleteFile, fileKeys } from "../api/files";
import type { StoredFile } from "../api/types";
import { ConfirmDialog } from "./confirm-dialog";
import { ErrorNotice } from "./error-notice";

export function DeleteFile({ file }: { readonly file: StoredFile }) {
  const [asking, setAsking] = useState(false);
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const deleting = useMutation({
    mutationFn: async () => {
      try {
        await deleteFile(file.id);
      } catch (error) {
        // Someone was faster; what was wanted has happened.
        if (!isStatus(error, 404)) throw error;
      }
    },
    onSuccess: async () => {
      await navigate("/files", { replace: true });
      queryClient.removeQueries({ queryKey: fileKeys.detail(file.id) });
      void queryClient.invalidateQueries({ queryKey: fileKeys.lists });
    },
  });

  return (
    <>
      <button type="button" className="button danger" onClick={() => setAsking(true)}>
        Delete
      </button>
      {asking && (
        <ConfirmDialog
          title="Delete this file?"
          confirmLabel={deleting.isPending ? "Deleting…" : "Delete"}
          busy={deleting.isPending}
          onConfirm={() => deleting.mutate()}
          onCancel={() => {
            deleting.reset();
            setAsking(false);
          }}
        >
          <p>“{file.name}” and what was found in it will be gone.</p>
          {deleting.error !== null && <ErrorNotice error={deleting.error} />}
        </ConfirmDialog>
      )}
    </>
  );
}
