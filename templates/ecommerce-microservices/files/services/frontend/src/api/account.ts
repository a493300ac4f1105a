import { useQuery } from "@tanstack/react-query";
import { sessionQuery } from "./auth";
import type { Account } from "./types";

/** Who is signed in, as this API describes an account; undefined while that is not known yet. */
export function useAccount(): Account | null | undefined {
  const { data } = useQuery(sessionQuery);
  return data as Account | null | undefined;
}
