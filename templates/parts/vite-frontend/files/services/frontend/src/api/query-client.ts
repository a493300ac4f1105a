import { QueryCache, MutationCache, QueryClient } from "@tanstack/react-query";
import { sessionQuery } from "./auth";
import { ApiError, isStatus } from "./errors";

const MAX_RETRIES = 2;
/** Longer than this nobody looks at a spinner: the error says then when to come back. */
const PATIENCE_MS = 10_000;

/** What all queries and mutations of the application have in common. */
export function createQueryClient(): QueryClient {
  const client: QueryClient = new QueryClient({
    queryCache: new QueryCache({ onError: checkSession }),
    mutationCache: new MutationCache({ onError: checkSession }),
    defaultOptions: {
      queries: {
        staleTime: 10_000,
        // What waits for a connection in silence looks as if it still loaded.
        networkMode: "always",
        refetchOnReconnect: true,
        retry: (failures, error) => failures < MAX_RETRIES && mayPass(error) && retryAt(error) - Date.now() <= PATIENCE_MS,
        retryDelay: (failures, error) => Math.max(1000 * 2 ** failures, retryAt(error) - Date.now()),
      },
      mutations: { networkMode: "always", retry: false },
    },
  });

  // A session can end on the server at any time; the next refused request is how we learn of it.
  function checkSession(error: Error): void {
    if (!isStatus(error, 401) || client.getQueryData(sessionQuery.queryKey) === null) return;
    void client.invalidateQueries({ queryKey: sessionQuery.queryKey });
  }

  return client;
}

/** A refusal stays a refusal, and 429 says itself when to come back; only a missing answer is worth asking again for. */
const mayPass = (error: Error): boolean => error instanceof ApiError && (error.status === 0 || error.status >= 502);

const retryAt = (error: Error): number => (error instanceof ApiError ? (error.retryAt ?? 0) : 0);
