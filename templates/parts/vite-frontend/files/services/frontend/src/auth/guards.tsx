import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { Navigate, Outlet, useLocation } from "react-router";
import { LEFT, sessionQuery } from "../api/auth";
import { ErrorNotice } from "../components/error-notice";
import { Loading } from "../components/loading";
import { SITE } from "../site";

export function RequireSession() {
  const session = useQuery(sessionQuery);
  const queryClient = useQueryClient();
  const { pathname, search } = useLocation();

  if (session.data) return <Outlet />;
  if (session.data === null) {
    const from = queryClient.getQueryData(LEFT) === true ? null : pathname + search;
    return <Navigate to="/sign-in" replace state={{ from }} />;
  }
  if (session.error !== null) return <ErrorNotice error={session.error} onRetry={() => void session.refetch()} />;
  return <Loading what="your session" />;
}

export function SignedOutOnly() {
  const session = useQuery(sessionQuery);
  const queryClient = useQueryClient();
  const { state } = useLocation();

  useEffect(() => queryClient.removeQueries({ queryKey: LEFT }), [queryClient]);

  if (session.data) return <Navigate to={returnPath(state)} replace />;
  if (session.isPending) return <Loading what="your session" />;
  return <Outlet />;
}

/** Only a path of this application: never another origin. */
function returnPath(state: unknown): string {
  const from: unknown = (state as { from?: unknown } | null)?.from;
  return typeof from === "string" && /^\/(?!\/)/.test(from) ? from : SITE.home;
}
