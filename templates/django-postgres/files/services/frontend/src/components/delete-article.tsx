import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { articleKeys, deleteArticle } from "../api/articles";
import { isStatus } from "../api/errors";
import type { Article } from "../api/types";
import { ConfirmDialog } from "./confirm-dialog";
import { ErrorNotice } from "./error-notice";

export function DeleteArticle({ article }: { readonly article: Article }) {
  const [asking, setAsking] = useState(false);
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const deleting = useMutation({
    mutationFn: async () => {
      try {
        await deleteArticle(article.id);
      } catch (error) {
        // Someone was faster; what was wanted has happened.
        if (!isStatus(error, 404)) throw error;
      }
    },
    onSuccess: async () => {
      await navigate("/articles", { replace: true });
      queryClient.removeQueries({ queryKey: articleKeys.detail(article.id) });
      void queryClient.invalidateQueries({ queryKey: articleKeys.lists });
    },
  });

  return (
    <>
      <button type="button" className="button danger" onClick={() => setAsking(true)}>
        Delete
      </button>
      {asking && (
        <ConfirmDialog
          title="Delete this article?"
          confirmLabel={deleting.isPending ? "Deleting…" : "Delete"}
          busy={deleting.isPending}
          onConfirm={() => deleting.mutate()}
          onCancel={() => {
            deleting.reset();
            setAsking(false);
          }}
        >
          <p>“{article.title}” and its analysis will be gone for good.</p>
          {deleting.error !== null && <ErrorNotice error={deleting.error} />}
        </ConfirmDialog>
      )}
    </>
  );
}
