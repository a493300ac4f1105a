import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { ticketQuery } from "../api/tickets";
import type { Ticket } from "../api/types";
import { DateTime } from "./date-time";
import { ErrorNotice } from "./error-notice";
import { Loading } from "./loading";

type Props = {
  readonly id: string;
  readonly requestId: string | null;
  readonly onKeepMine: (theirs: Ticket) => void;
  readonly onTakeTheirs: (theirs: Ticket) => void;
};

/** Someone else saved first. Shows their text and lets the writer decide; nothing is lost before that. */
export function ConflictNotice({ id, requestId, onKeepMine, onTakeTheirs }: Props) {
  const theirs = useQuery({ ...ticketQuery(id), staleTime: 0, refetchOnMount: "always" });
  const heading = useRef<HTMLHeadingElement>(null);

  useEffect(() => heading.current?.focus(), []);

  return (
    <section className="notice warning" role="alert" aria-labelledby="conflict-title">
      <h2 id="conflict-title" ref={heading} tabIndex={-1} className="notice-title">
        This ticket was changed while you were editing
      </h2>
      <p>Your text is still below and has not been saved. Choose which one to keep.</p>
      {requestId !== null && (
        <p className="request-id">
          Request id: <code>{requestId}</code>
        </p>
      )}
      {theirs.isFetching && <Loading what="the saved ticket" />}
      {theirs.error !== null && <ErrorNotice error={theirs.error} onRetry={() => void theirs.refetch()} />}
      {theirs.isSuccess && !theirs.isFetching && (
        <>
          <details className="theirs" open>
            <summary>
              Saved version {theirs.data.version}, <DateTime value={theirs.data.updated_at} />
            </summary>
            <p className="theirs-title">{theirs.data.title}</p>
            <div className="theirs-body">{theirs.data.body}</div>
          </details>
          <div className="actions">
            <button type="button" className="button primary" onClick={() => onKeepMine(theirs.data)}>
              Keep my text
            </button>
            <button type="button" className="button" onClick={() => onTakeTheirs(theirs.data)}>
              Take the saved text
            </button>
          </div>
        </>
      )}
    </section>
  );
}
