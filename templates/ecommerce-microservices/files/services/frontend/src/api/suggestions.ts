import { queryOptions } from "@tanstack/react-query";
import { request } from "./client";

/** These have a smaller budget of their own: the same question is asked once in five minutes. */
const staleTime = 5 * 60_000;

type Found = { readonly product_id: number; readonly name: string; readonly score: number };
type Recommended = { readonly product_id: number; readonly score: number };

/** What is close to the words, also when they are misspelt. */
export const closeToQuery = (words: string) =>
  queryOptions({
    queryKey: ["suggestions", "search", words],
    queryFn: ({ signal }) =>
      request<{ readonly results: readonly Found[] }>(`/ai/search/query/?${new URLSearchParams({ q: words, limit: "8" }).toString()}`, { signal }),
    staleTime,
    retry: false,
  });

export const boughtWithQuery = (id: number) =>
  queryOptions({
    queryKey: ["suggestions", "products", id],
    queryFn: ({ signal }) =>
      request<{ readonly results: readonly Recommended[] }>(`/ai/recommendation/products/${id}/?limit=4`, { signal }),
    staleTime,
    retry: false,
  });
