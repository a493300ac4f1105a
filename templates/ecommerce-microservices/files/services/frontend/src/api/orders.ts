import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { request } from "./client";
import type { Page } from "./shared-types";
import type { Order, OrderDraft, OrderEvent } from "./types";
import { untilSettled } from "./until-settled";

const SLOWEST_POLL_MS = 10_000;

export const orderKeys = {
  all: ["orders"] as const,
  detail: (id: string) => ["orders", "detail", id] as const,
};

type ListParams = { readonly page: number; /** Everybody's: for administrators. */ readonly all: boolean };

export const orderListQuery = ({ page, all }: ListParams) =>
  queryOptions({
    queryKey: [...orderKeys.all, "list", { page, all }],
    queryFn: ({ signal }) => request<Page<Order>>(`/orders/?page=${page}&page_size=20${all ? "&all=true" : ""}`, { signal }),
    placeholderData: keepPreviousData,
  });

/** Asks again until the order has come to an end. */
export const watchedOrderQuery = (id: string) =>
  queryOptions({
    queryKey: orderKeys.detail(id),
    queryFn: ({ signal }) => request<Order>(`/orders/${id}/`, { signal }),
    refetchInterval: untilSettled<Order>(({ final }) => final, SLOWEST_POLL_MS),
  });

/** A part of the key is what the history depends on: with a new state it is asked for anew. */
export const orderEventsQuery = ({ id, state }: Order) =>
  queryOptions({
    queryKey: [...orderKeys.detail(id), "events", state],
    queryFn: ({ signal }) => request<{ readonly results: readonly OrderEvent[] }>(`/orders/${id}/events/`, { signal }),
    placeholderData: keepPreviousData,
  });

// Longer than the API waits for the end of an order before it says "still working on it".
const PATIENCE_MS = 25_000;

export const placeOrder = (draft: OrderDraft, key: string): Promise<Order> =>
  request("/orders/", {
    method: "POST",
    body: draft,
    headers: { "Idempotency-Key": key },
    signal: AbortSignal.timeout(PATIENCE_MS),
  });

export const cancelOrder = (id: string): Promise<Order> => request(`/orders/${id}/cancel/`, { method: "POST" });
