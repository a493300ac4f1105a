import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { BASE, request } from "./client";
import type { Page } from "./shared-types";
import type { SharedLink, StoredFile } from "./types";

export const MAX_BYTES = 1024 ** 3;

export const fileKeys = {
  all: ["files"] as const,
  lists: ["files", "list"] as const,
  detail: (id: string) => ["files", "detail", id] as const,
  /** Percent of a job that runs, told by events and by nothing else. */
  progress: (id: string) => ["files", "progress", id] as const,
};

export const fileListQuery = (page: number) =>
  queryOptions({
    queryKey: [...fileKeys.lists, page],
    queryFn: ({ signal }) => request<Page<StoredFile>>(`/files/?page=${page}`, { signal }),
    placeholderData: keepPreviousData,
  });

export const fileQuery = (id: string) =>
  queryOptions({
    queryKey: fileKeys.detail(id),
    queryFn: ({ signal }) => request<StoredFile>(`/files/${id}/`, { signal }),
  });

export const deleteFile = (id: string): Promise<void> => request(`/files/${id}/`, { method: "DELETE" });

export const makeLink = (id: string): Promise<SharedLink> => request(`/files/${id}/link/`, { method: "POST" });

export const contentUrl = (id: string): string => `${BASE}/files/${id}/content/`;

export const thumbnailUrl = (id: string): string => `${BASE}/files/${id}/thumbnail/`;
