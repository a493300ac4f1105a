import { infiniteQueryOptions, keepPreviousData, useQuery } from "@tanstack/react-query";
import { sessionQuery } from "./auth";
import { request } from "./client";
import { ifMatch } from "./tickets";
import type { Account, CursorPage } from "./types";

export const userKeys = { lists: ["users", "list"] as const };

export const userListQuery = (search: string) =>
  infiniteQueryOptions({
    queryKey: [...userKeys.lists, search],
    queryFn: ({ pageParam, signal }) => {
      const query = new URLSearchParams();
      if (search !== "") query.set("search", search);
      if (pageParam !== "") query.set("cursor", pageParam);
      return request<CursorPage<Account>>(`/admin/users/${query.size === 0 ? "" : `?${query.toString()}`}`, { signal });
    },
    initialPageParam: "",
    getNextPageParam: ({ next }) => next,
    placeholderData: keepPreviousData,
  });

export const changeUser = ({ id, version }: Account, change: Partial<Pick<Account, "role" | "active">>): Promise<Account> =>
  request(`/admin/users/${id}/`, { method: "PATCH", body: change, headers: ifMatch(version) });

/** Who is signed in, as this API describes an account. */
export function useAccount(): Account | null {
  const { data } = useQuery(sessionQuery);
  return (data as Account | null | undefined) ?? null;
}
