import { queryOptions } from "@tanstack/react-query";
import { request } from "./client";
import type { Shop } from "./types";

export const shopQuery = queryOptions({
  queryKey: ["shop"],
  queryFn: ({ signal }) => request<Shop>("/shop/", { signal }),
  // It changes with a deployment, and then so do the pages.
  staleTime: Infinity,
});
