import { useMutation, useQueryClient } from "@tanstack/react-query";
import { sessionQuery } from "../api/auth";
import type { Credentials } from "../api/shared-types";
import { forgetDrafts } from "../storage/drafts";

/** Signing in by any route. The page itself goes away as soon as the session is known. */
export function useEnter(enter: (credentials: Credentials) => Promise<unknown>) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: enter,
    onSuccess: async () => {
      queryClient.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== sessionQuery.queryKey[0] });
      await queryClient.invalidateQueries({ queryKey: sessionQuery.queryKey });
      // Who comes back after a session that ended finds what they wrote; who comes after somebody else finds nothing.
      const user = queryClient.getQueryData(sessionQuery.queryKey);
      if (user) forgetDrafts(user);
    },
  });
}
