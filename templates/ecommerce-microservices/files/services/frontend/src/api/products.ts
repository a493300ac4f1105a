import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { request } from "./client";
import type { Page } from "./shared-types";
import type { Movement, Product, StockedProduct } from "./types";

export const PAGE_SIZE = 12;

export const productKeys = {
  all: ["products"] as const,
  stock: (id: number) => ["products", "stock", "detail", id] as const,
  audit: (id: number) => ["products", "audit", id] as const,
};

type ListParams = { readonly search: string; readonly page: number };

const listQuery = ({ search, page }: ListParams): string => {
  const query = new URLSearchParams({ page: String(page), page_size: String(PAGE_SIZE) });
  if (search !== "") query.set("search", search);
  return query.toString();
};

export const productListQuery = (params: ListParams) =>
  queryOptions({
    queryKey: [...productKeys.all, "list", params],
    queryFn: ({ signal }) => request<Page<Product>>(`/products/?${listQuery(params)}`, { signal }),
    placeholderData: keepPreviousData,
  });

export const productQuery = (id: number) =>
  queryOptions({
    queryKey: [...productKeys.all, "detail", id],
    queryFn: ({ signal }) => request<Product>(`/products/${id}/`, { signal }),
  });

/** Those of some ids that are sold, in one call. What is missing in the answer is sold no more. */
export const productsByIdQuery = (ids: readonly number[]) => {
  const sorted = ids.toSorted((one, other) => one - other);
  return queryOptions({
    queryKey: [...productKeys.all, "ids", sorted],
    queryFn: async ({ signal }): Promise<readonly Product[]> =>
      sorted.length === 0 ? [] : (await request<Page<Product>>(`/products/?ids=${sorted.join(",")}&page_size=${sorted.length}`, { signal })).results,
    placeholderData: keepPreviousData,
  });
};

export const stockListQuery = (params: ListParams) =>
  queryOptions({
    queryKey: [...productKeys.all, "stock", "list", params],
    queryFn: ({ signal }) => request<Page<StockedProduct>>(`/admin/stock/?${listQuery(params)}`, { signal }),
    placeholderData: keepPreviousData,
  });

/** null: there is no such product. */
export const stockQuery = (id: number) =>
  queryOptions({
    queryKey: productKeys.stock(id),
    queryFn: async ({ signal }): Promise<StockedProduct | null> =>
      (await request<Page<StockedProduct>>(`/admin/stock/?ids=${id}`, { signal })).results.find((one) => one.id === id) ?? null,
  });

export const auditQuery = (id: number, page: number) =>
  queryOptions({
    queryKey: [...productKeys.audit(id), page],
    queryFn: ({ signal }) => request<Page<Movement>>(`/admin/audit/?product_id=${id}&page=${page}`, { signal }),
    placeholderData: keepPreviousData,
  });

type StockChange = { readonly id: number; readonly change: number; readonly reason: string; readonly key: string };

/** With the same key, the API makes a change once, however often it is told. */
export const changeStock = ({ id, change, reason, key }: StockChange): Promise<StockedProduct> =>
  request(`/admin/stock/${id}/`, { method: "POST", body: { change, reason }, headers: { "Idempotency-Key": key } });
