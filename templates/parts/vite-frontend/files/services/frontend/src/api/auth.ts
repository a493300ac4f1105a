import { queryOptions } from "@tanstack/react-query";
import { request } from "./client";
import { isStatus } from "./errors";
import type { Credentials, User } from "./shared-types";

/** Who is signed in, or null. Being nobody is an answer here, not an error. */
export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: async ({ signal }): Promise<User | null> => {
    try {
      return await request<User>("/auth/me/", { signal });
    } catch (error) {
      if (isStatus(error, 401)) return null;
      throw error;
    }
  },
  staleTime: 5 * 60_000,
});

/** Holds true from signing out to the page that follows: whoever signs in there is not led to where the last one was. */
export const LEFT = ["left"] as const;

export const signIn = (credentials: Credentials): Promise<unknown> =>
  request("/auth/login/", { method: "POST", body: credentials });

/** The API does not say whether an address had an account already: what was typed opens the account, or it does not. */
export async function register(credentials: Credentials): Promise<void> {
  await request("/auth/register/", { method: "POST", body: credentials });
  await signIn(credentials);
}

export const signOut = (): Promise<unknown> => request("/auth/logout/", { method: "POST" });
