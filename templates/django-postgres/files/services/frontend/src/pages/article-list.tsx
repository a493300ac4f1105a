import { useQuery } from "@tanstack/react-query";
import { Link, useSearchParams } from "react-router";
import { articleListQuery, ORDERINGS } from "../api/articles";
import { isStatus } from "../api/errors";
import type { Page } from "../api/shared-types";
import type { ArticleSummary } from "../api/types";
import { AnalysisBadge } from "../components/analysis-panel";
import { DateTime } from "../components/date-time";
import { ErrorNotice } from "../components/error-notice";
import { Loading } from "../components/loading";
import { PageHeading } from "../components/page-heading";
import { Pagination } from "../components/pagination";
import { SearchField } from "../components/search-field";
import { SelectField } from "../components/select-field";

export function ArticleListPage() {
  const [query, setQuery] = useSearchParams();
  const page = Math.max(1, Number.parseInt(query.get("page") ?? "1", 10) || 1);
  const search = query.get("search") ?? "";
  const ordering = ORDERINGS.find(({ value }) => value === query.get("ordering"))?.value ?? ORDERINGS[0].value;
  const articles = useQuery(articleListQuery({ page, search, ordering }));

  function show(changes: Readonly<Record<string, string>>): void {
    setQuery(
      (current) => {
        for (const [key, value] of Object.entries({ page: "", ...changes })) {
          if (value === "") current.delete(key);
          else current.set(key, value);
        }
        return current;
      },
      { replace: !("page" in changes) },
    );
  }

  return (
    <>
      <PageHeading title="Articles">
        <Link className="button primary" to="/articles/new">
          New article
        </Link>
      </PageHeading>
      <search className="filters">
        <SearchField search={search} onSearch={(value) => show({ search: value })} />
        <SelectField
          label="Order"
          value={ordering}
          options={ORDERINGS.map(({ value, label }) => [value, label] as const)}
          onChange={(value) => show({ ordering: value })}
        />
      </search>
      {articles.data !== undefined && (
        <p className="count" role="status">
          {countOf(articles.data, search)}
        </p>
      )}
      {articles.isPending && <Loading what="articles" />}
      {isStatus(articles.error, 404) && page > 1 ? (
        <div className="empty">
          <p>There are fewer pages than that.</p>
          <button type="button" className="button" onClick={() => show({})}>
            First page
          </button>
        </div>
      ) : (
        articles.error !== null && <ErrorNotice error={articles.error} onRetry={() => void articles.refetch()} />
      )}
      {articles.data !== undefined && (
        <div aria-busy={articles.isPlaceholderData}>
          {articles.data.count === 0 ? <Nothing search={search} /> : <List articles={articles.data.results} />}
          <Pagination
            page={page}
            hasPrevious={articles.data.previous !== null}
            hasNext={articles.data.next !== null}
            onGo={(wanted) => show({ page: wanted === 1 ? "" : String(wanted) })}
          />
        </div>
      )}
    </>
  );
}

function List({ articles }: { readonly articles: readonly ArticleSummary[] }) {
  return (
    <ul className="rows">
      {articles.map((article) => (
        <li key={article.id} className="row linked">
          <h2>
            <Link to={`/articles/${article.id}`}>{article.title}</Link>
          </h2>
          <p className="meta">
            <AnalysisBadge state={article.analysis.state} />
            <span>
              Changed <DateTime value={article.updated_at} />
            </span>
          </p>
        </li>
      ))}
    </ul>
  );
}

function Nothing({ search }: { readonly search: string }) {
  return (
    <div className="empty">
      {search === "" ? (
        <>
          <p>You have not written anything yet.</p>
          <Link className="button" to="/articles/new">
            Write the first article
          </Link>
        </>
      ) : (
        <p>Try fewer or other words.</p>
      )}
    </div>
  );
}

function countOf({ count }: Page<ArticleSummary>, search: string): string {
  const articles = count === 1 ? "1 article" : `${count.toLocaleString()} articles`;
  return search === "" ? articles : `${articles} with “${search}”`;
}
