import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { request } from "./client";
import type { CursorPage, Ticket, TicketDraft, TicketEvent, TicketState, TicketSummary } from "./types";
import { untilSettled } from "./until-settled";

export type TicketListParams = {
  readonly search: string;
  readonly state: TicketState | "";
  /** Everybody's: for administrators. */
  readonly all: boolean;
};

const SLOWEST_POLL_MS = 5_000;

export const ticketKeys = {
  lists: ["tickets", "list"] as const,
  detail: (id: string) => ["tickets", "detail", id] as const,
  events: (id: string) => ["tickets", "events", id] as const,
};

export const ticketListQuery = (params: TicketListParams) =>
  infiniteQueryOptions({
    queryKey: [...ticketKeys.lists, params],
    queryFn: ({ pageParam, signal }) => request<CursorPage<TicketSummary>>(`/tickets/${listQueryString(params, pageParam)}`, { signal }),
    initialPageParam: "",
    getNextPageParam: ({ next }) => next,
    placeholderData: keepPreviousData,
  });

export const ticketQuery = (id: string) =>
  queryOptions({
    queryKey: ticketKeys.detail(id),
    queryFn: ({ signal }) => request<Ticket>(`/tickets/${id}/`, { signal }),
  });

/** Asks again until the worker has finished. */
export const watchedTicketQuery = (id: string) =>
  queryOptions({
    ...ticketQuery(id),
    refetchInterval: untilSettled<Ticket>(isSettled, SLOWEST_POLL_MS),
  });

/** A part of the key is what the history depends on: with a new version or a finished triage it is asked for anew. */
export const ticketEventsQuery = ({ id, version, triage }: Ticket) =>
  queryOptions({
    queryKey: [...ticketKeys.events(id), version, triage.state],
    queryFn: ({ signal }) => request<{ readonly results: readonly TicketEvent[] }>(`/tickets/${id}/events/`, { signal }),
    placeholderData: keepPreviousData,
  });

export const isSettled = ({ triage }: Ticket): boolean => triage.state === "done" || triage.state === "failed";

export const createTicket = (draft: TicketDraft): Promise<Ticket> => request("/tickets/", { method: "POST", body: draft });

export const updateTicket = (
  id: string,
  version: number,
  change: Partial<TicketDraft & Pick<Ticket, "state">>,
): Promise<Ticket> => request(`/tickets/${id}/`, { method: "PATCH", body: change, headers: ifMatch(version) });

export const deleteTicket = (id: string, version: number): Promise<void> =>
  request(`/tickets/${id}/`, { method: "DELETE", headers: ifMatch(version) });

/** The API changes nothing unless this is still the version that is stored. */
export const ifMatch = (version: number): Readonly<Record<string, string>> => ({ "If-Match": `"${version}"` });

function listQueryString({ search, state, all }: TicketListParams, cursor: string): string {
  const query = new URLSearchParams();
  if (search !== "") query.set("search", search);
  if (state !== "") query.set("state", state);
  if (all) query.set("all", "true");
  if (cursor !== "") query.set("cursor", cursor);
  return query.size === 0 ? "" : `?${query.toString()}`;
}
