import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { watchedArticleQuery } from "../api/articles";
import { isStatus } from "../api/errors";
import type { Article } from "../api/types";
import { AnalysisPanel } from "../components/analysis-panel";
import { DateTime } from "../components/date-time";
import { DeleteArticle } from "../components/delete-article";
import { ErrorNotice } from "../components/error-notice";
import { Loading } from "../components/loading";
import { PageHeading } from "../components/page-heading";
import { NotFoundPage } from "./not-found";
import { useArticleId } from "./use-article-id";

export function ArticleDetailPage() {
  const id = useArticleId();
  return id === null ? <NotFoundPage what="article" /> : <Watched key={id} id={id} />;
}

function Watched({ id }: { readonly id: string }) {
  const article = useQuery(watchedArticleQuery(id));

  if (isStatus(article.error, 404)) return <NotFoundPage what="article" />;
  return (
    <>
      {article.isPending && <Loading what="the article" />}
      {article.error !== null && <ErrorNotice error={article.error} onRetry={() => void article.refetch()} />}
      {article.data !== undefined && <Detail article={article.data} />}
    </>
  );
}

function Detail({ article }: { readonly article: Article }) {
  return (
    <article>
      <PageHeading title={article.title}>
        <div className="actions">
          <Link className="button" to={`/articles/${article.id}/edit`}>
            Edit
          </Link>
          <DeleteArticle article={article} />
        </div>
      </PageHeading>
      <p className="meta">
        <span>
          Written <DateTime value={article.created_at} />
        </span>
        <span>
          Changed <DateTime value={article.updated_at} />
        </span>
        <span>Version {article.version}</span>
      </p>
      <div className="article-columns">
        <div className="prose">{article.body}</div>
        <AnalysisPanel analysis={article.analysis} />
      </div>
    </article>
  );
}
