import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "react-router";
import { articleKeys, createArticle } from "../api/articles";
import type { ArticleDraft } from "../api/types";
import { ArticleForm } from "../components/article-form";
import { PageHeading } from "../components/page-heading";
import { useDraft } from "../components/use-draft";

const EMPTY: ArticleDraft = { title: "", body: "" };

export function ArticleCreatePage() {
  const { draft, write, forget, restored } = useDraft(EMPTY);
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const creating = useMutation({
    mutationFn: createArticle,
    onSuccess: async (article) => {
      forget();
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
        onChange={write}
        restored={restored}
        submitLabel="Save"
        cancelTo="/articles"
        onCancel={forget}
        busy={creating.isPending}
        error={creating.error}
        onSubmit={() => creating.mutate(draft)}
      />
    </>
  );
}
