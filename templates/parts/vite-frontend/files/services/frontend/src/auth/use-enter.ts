import { useMutation, useQueryClient } from "@tanstack/react-query";
import { sessionQuery } from "../api/auth";
import type { Credentials } from "../api/shared-types";

/** Signing in by any route. The page itself goes away as soon as the session is known. */
export function useEnter(enter: (credentials: Credentials) => Promise<unknown>) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: enter,
    onSuccess: () => {
      queryClient.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== sessionQuery.queryKey[0] });
      return queryClient.invalidateQueries({ queryKey: sessionQuery.queryKey });
    },
  });
}
