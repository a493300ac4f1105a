import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useNavigate } from "react-router";
import { articleKeys, articleQuery, updateArticle } from "../api/articles";
import { isStatus } from "../api/errors";
import type { Article, ArticleDraft } from "../api/types";
import { ArticleForm } from "../components/article-form";
import { ConflictNotice } from "../components/conflict-notice";
import { ErrorNotice } from "../components/error-notice";
import { Loading } from "../components/loading";
import { PageHeading } from "../components/page-heading";
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

function Editor({ article }: { readonly article: Article }) {
  // Where this text started from. Later answers of the API must neither move it nor touch what is being typed.
  const [version, setVersion] = useState(article.version);
  const [draft, setDraft] = useState<ArticleDraft>({ title: article.title, body: article.body });
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const saving = useMutation({
    mutationFn: (from: number) => updateArticle(article.id, from, draft),
    onSuccess: async (saved) => {
      queryClient.setQueryData(articleKeys.detail(saved.id), saved);
      void queryClient.invalidateQueries({ queryKey: articleKeys.lists });
      await navigate(`/articles/${saved.id}`);
    },
  });
  const conflict = isStatus(saving.error, 409) ? saving.error : null;

  return (
    <>
      <PageHeading title="Edit article" />
      {conflict !== null && (
        <ConflictNotice
          id={article.id}
          requestId={conflict.requestId}
          onKeepMine={(theirs) => {
            setVersion(theirs.version);
            saving.mutate(theirs.version);
          }}
          onTakeTheirs={(theirs) => {
            setVersion(theirs.version);
            setDraft({ title: theirs.title, body: theirs.body });
            saving.reset();
          }}
        />
      )}
      <ArticleForm
        draft={draft}
        onChange={setDraft}
        submitLabel="Save changes"
        busy={saving.isPending || conflict !== null}
        error={conflict === null ? saving.error : null}
        onSubmit={() => saving.mutate(version)}
      >
        <Link className="button" to={`/articles/${article.id}`}>
          Cancel
        </Link>
      </ArticleForm>
    </>
  );
}
