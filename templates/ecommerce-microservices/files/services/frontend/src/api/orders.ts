import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { request } from "./client";
import { isStatus } from "./errors";
import type { Page } from "./shared-types";
import type { Order, OrderDraft, OrderEvent } from "./types";

const FIRST_POLL_MS = 1_000;
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

/** Asks again until the order has come to an end: every second at first, then ever slower, never more often than the API allows. */
export const watchedOrderQuery = (id: string) =>
  queryOptions({
    queryKey: orderKeys.detail(id),
    queryFn: ({ signal }) => request<Order>(`/orders/${id}/`, { signal }),
    refetchInterval: ({ state }) => {
      if (state.data === undefined || state.data.final) return false;
      const slowed = Math.min(FIRST_POLL_MS * 1.4 ** Math.max(0, state.dataUpdateCount - 1), SLOWEST_POLL_MS);
      if (!isStatus(state.error, 429)) return slowed;
      return Math.max(slowed, (state.error.retryAt ?? 0) - Date.now());
    },
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
