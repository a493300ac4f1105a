import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { articleKeys, createArticle } from "../api/articles";
import type { ArticleDraft } from "../api/types";
import { ArticleForm } from "../components/article-form";
import { PageHeading } from "../components/page-heading";

export function ArticleCreatePage() {
  const [draft, setDraft] = useState<ArticleDraft>({ title: "", body: "" });
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const creating = useMutation({
    mutationFn: createArticle,
    onSuccess: async (article) => {
      queryClient.setQueryData(articleKeys.detail(article.id), article);
      void queryClient.invalidateQueries({ queryKey: articleKeys.lists });
      await navigate(`/articles/${article.id}`);
    },
  });

  return (
    <>
      <PageHeading title="New article" />
      <ArticleForm
        draft={draft}
        onChange={setDraft}
        submitLabel="Save"
        cancelTo="/articles"
        busy={creating.isPending}
        error={creating.error}
        onSubmit={() => creating.mutate(draft)}
      />
    </>
  );
}
