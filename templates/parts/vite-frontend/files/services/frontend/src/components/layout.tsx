import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link, Outlet, useNavigate } from "react-router";
import { LEFT, sessionQuery, signOut } from "../api/auth";
import { SITE } from "../site";
import { forgetDrafts } from "../storage/drafts";
import { ErrorNotice } from "./error-notice";

/** `children` stand in the header between the name and the account: what an application offers on every page. */
export function Layout({ children }: { readonly children?: ReactNode }) {
  const { data: user } = useQuery(sessionQuery);
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const leaving = useMutation({
    mutationFn: signOut,
    onSuccess: async () => {
      // Nothing of the last user may be left for the next one.
      queryClient.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== sessionQuery.queryKey[0] });
      forgetDrafts();
      queryClient.setQueryData(LEFT, true);
      queryClient.setQueryData(sessionQuery.queryKey, null);
      await navigate("/sign-in", { replace: true });
    },
  });

  return (
    <>
      <a className="skip-link" href="#main">
        Skip to content
      </a>
      <header className="site-header">
        <div className="container site-header-row">
          <Link className="brand" to={SITE.home}>
            {SITE.name}
          </Link>
          {children}
          {user && (
            <div className="account">
              <span className="account-email">{user.email}</span>
              <button type="button" className="button quiet" onClick={() => leaving.mutate()} disabled={leaving.isPending}>
                Sign out
              </button>
            </div>
          )}
        </div>
      </header>
      <main id="main" className="container" tabIndex={-1}>
        {leaving.error && <ErrorNotice error={leaving.error} onRetry={() => leaving.mutate()} />}
        <Outlet />
      </main>
    </>
  );
}
