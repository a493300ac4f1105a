import { useQuery, useQueryClient } from "@tanstack/react-query";
import { articleKeys, articleQuery, updateArticle } from "../api/articles";
import { isStatus } from "../api/errors";
import type { Article, ArticleDraft } from "../api/types";
import { ArticleForm } from "../components/article-form";
import { ConflictNotice } from "../components/conflict-notice";
import { ErrorNotice } from "../components/error-notice";
import { Loading } from "../components/loading";
import { PageHeading } from "../components/page-heading";
import { useVersionedDraft } from "../components/use-versioned-draft";
import { NotFoundPage } from "./not-found";
import { useArticleId } from "./use-article-id";

export function ArticleEditPage() {
  const id = useArticleId();
  return id === null ? <NotFoundPage what="article" /> : <Loaded key={id} id={id} />;
}

function Loaded({ id }: { readonly id: string }) {
  const article = useQuery(articleQuery(id));

  if (isStatus(article.error, 404)) return <NotFoundPage what="article" />;
  if (article.data !== undefined) return <Editor article={article.data} />;
  if (article.error !== null) return <ErrorNotice error={article.error} onRetry={() => void article.refetch()} />;
  return <Loading what="the article" />;
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
      <PageHeading title="Edit article" />
      {conflict !== null && <ConflictNotice what="article" query={articleQuery(article.id)} {...conflict} />}
      <ArticleForm {...form} submitLabel="Save changes" />
    </>
  );
}
