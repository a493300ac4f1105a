import { useQuery, type QueryKey, type UseQueryOptions } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { isStatus } from "../api/errors";
import { NotFoundPage } from "../pages/not-found";
import { ErrorNotice } from "./error-notice";
import { Loading } from "./loading";
import { PageHeading } from "./page-heading";

type Props<Stored, Key extends QueryKey> = {
  /** The word for what is edited: "article". */
  readonly what: string;
  readonly query: UseQueryOptions<Stored, Error, Stored, Key>;
  readonly children: (stored: Stored) => ReactNode;
};

/** A page that changes what is stored. Once that was read nothing takes the editor away, or what was written would be gone with it. */
export function EditPage<Stored, Key extends QueryKey>({ what, query, children }: Props<Stored, Key>) {
  const { data, error, refetch } = useQuery(query);
  const isGone = isStatus(error, 404);

  if (data === undefined) {
    if (isGone) return <NotFoundPage what={what} />;
    if (error !== null) return <ErrorNotice error={error} onRetry={() => void refetch()} />;
    return <Loading what={`the ${what}`} />;
  }
  return (
    <>
      <PageHeading title={`Edit ${what}`} />
      {isGone && (
        <div className="notice warning" role="alert">
          <p className="notice-title">This {what} was deleted while you were editing</p>
          <p>Your text is still below, but can no longer be saved here. Copy what you want to keep.</p>
        </div>
      )}
      {children(data)}
    </>
  );
}
