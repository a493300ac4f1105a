import { useQueryClient } from "@tanstack/react-query";
import { articleKeys, articleQuery, updateArticle } from "../api/articles";
import type { Article, ArticleDraft } from "../api/types";
import { ArticleForm } from "../components/article-form";
import { ConflictNotice } from "../components/conflict-notice";
import { EditPage } from "../components/edit-page";
import { useVersionedDraft } from "../components/use-versioned-draft";
import { NotFoundPage } from "./not-found";
import { useArticleId } from "./use-article-id";

export function ArticleEditPage() {
  const id = useArticleId();
  if (id === null) return <NotFoundPage what="article" />;
  return (
    <EditPage key={id} what="article" query={articleQuery(id)}>
      {(article) => <Editor article={article} />}
    </EditPage>
  );
}

const draftOf = ({ title, body }: Article): ArticleDraft => ({ title, body });

function Editor({ article }: { readonly article: Article }) {
  const queryClient = useQueryClient();
  const { form, conflict } = useVersionedDraft({
    stored: article,
    draftOf,
    save: (from, changes) => updateArticle(article.id, from, changes),
    conflictStatus: 409,
    onSaved: (saved) => {
      queryClient.setQueryData(articleKeys.detail(saved.id), saved);
      void queryClient.invalidateQueries({ queryKey: articleKeys.lists });
    },
    leaveTo: `/articles/${article.id}`,
  });

  return (
    <>
      {conflict !== null && <ConflictNotice what="article" query={articleQuery(article.id)} {...conflict} />}
      <ArticleForm {...form} submitLabel="Save changes" />
    </>
  );
}
