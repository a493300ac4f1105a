import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { request } from "./client";
import type { Movement, NumberedPage, Product, StockedProduct } from "./types";

export const PAGE_SIZE = 12;

export const productKeys = {
  all: ["products"] as const,
  detail: (id: number) => ["products", "detail", id] as const,
  movements: (id: number) => ["products", "movements", id] as const,
};

type ListParams = { readonly search: string; readonly page: number };

const listPath = ({ search, page }: ListParams, size: number): string => {
  const query = new URLSearchParams({ page: String(page), page_size: String(size) });
  if (search !== "") query.set("q", search);
  return `/products/?${query.toString()}`;
};

export const productListQuery = (params: ListParams) =>
  queryOptions({
    queryKey: [...productKeys.all, "list", params],
    queryFn: ({ signal }) => request<NumberedPage<Product>>(listPath(params, PAGE_SIZE), { signal }),
    placeholderData: keepPreviousData,
  });

export const productQuery = (id: number) =>
  queryOptions({
    queryKey: productKeys.detail(id),
    queryFn: ({ signal }) => request<Product>(`/products/${id}/`, { signal }),
  });

/** The same list, as an administrator is answered: with what is reserved and sold. */
export const stockListQuery = (params: ListParams) =>
  queryOptions({
    queryKey: [...productKeys.all, "stock", params],
    queryFn: ({ signal }) => request<NumberedPage<StockedProduct>>(listPath(params, 20), { signal }),
    placeholderData: keepPreviousData,
  });

export const stockQuery = (id: number) =>
  queryOptions({
    queryKey: productKeys.detail(id),
    queryFn: ({ signal }) => request<StockedProduct>(`/products/${id}/`, { signal }),
  });

export const movementsQuery = (id: number, page: number) =>
  queryOptions({
    queryKey: [...productKeys.movements(id), page],
    queryFn: ({ signal }) => request<NumberedPage<Movement>>(`/products/${id}/movements/?page=${page}`, { signal }),
    placeholderData: keepPreviousData,
  });

type StockChange = { readonly id: number; readonly change: number; readonly reason: string; readonly key: string };

/** With the same key, the API makes a change once, however often it is told. */
export const changeStock = ({ id, change, reason, key }: StockChange): Promise<StockedProduct> =>
  request(`/products/${id}/stock/`, { method: "POST", body: { change, reason }, headers: { "Idempotency-Key": key } });
