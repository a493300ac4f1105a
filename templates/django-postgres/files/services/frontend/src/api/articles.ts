import { queryOptions, keepPreviousData } from "@tanstack/react-query";
import { request } from "./client";
import type { Page } from "./shared-types";
import type { Article, ArticleDraft, ArticleSummary } from "./types";
import { untilSettled } from "./until-settled";

export const ORDERINGS = [
  { value: "-updated_at", label: "Last changed first" },
  { value: "-created_at", label: "Newest first" },
  { value: "created_at", label: "Oldest first" },
  { value: "title", label: "By title" },
] as const;

export type ArticleListParams = {
  readonly page: number;
  readonly search: string;
  readonly ordering: string;
};

const SLOWEST_POLL_MS = 5_000;

export const articleKeys = {
  all: ["articles"] as const,
  lists: ["articles", "list"] as const,
  detail: (id: string) => ["articles", "detail", id] as const,
};

export const articleListQuery = (params: ArticleListParams) =>
  queryOptions({
    queryKey: [...articleKeys.lists, params],
    queryFn: ({ signal }) => request<Page<ArticleSummary>>(`/articles/?${listQueryString(params)}`, { signal }),
    placeholderData: keepPreviousData,
  });

export const articleQuery = (id: string) =>
  queryOptions({
    queryKey: articleKeys.detail(id),
    queryFn: ({ signal }) => request<Article>(`/articles/${id}/`, { signal }),
  });

/** Asks again until the worker has finished. */
export const watchedArticleQuery = (id: string) =>
  queryOptions({
    ...articleQuery(id),
    refetchInterval: untilSettled<Article>(isSettled, SLOWEST_POLL_MS),
  });

export const isSettled = ({ analysis }: Article): boolean => analysis.state === "done" || analysis.state === "failed";

export const createArticle = (draft: ArticleDraft): Promise<Article> =>
  request("/articles/", { method: "POST", body: draft });

export const updateArticle = (id: string, version: number, changes: Partial<ArticleDraft>): Promise<Article> =>
  request(`/articles/${id}/`, { method: "PATCH", body: { ...changes, version } });

export const deleteArticle = (id: string): Promise<void> => request(`/articles/${id}/`, { method: "DELETE" });

function listQueryString({ page, search, ordering }: ArticleListParams): string {
  const query = new URLSearchParams({ page: String(page), ordering });
  if (search !== "") query.set("search", search);
  return query.toString();
}
