import { useQuery, type QueryKey, type UseQueryOptions } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { isStatus } from "../api/errors";
import { DateTime } from "./date-time";
import { ErrorNotice } from "./error-notice";
import { Loading } from "./loading";

/** A text of which an API keeps one version, and takes a change only from whoever has read that one. */
export type Versioned = {
  readonly version: number;
  readonly updated_at: string;
  readonly title: string;
  readonly body: string;
};

/** What the notice says of a field that is neither title nor text. */
type OtherField = {
  readonly label: string;
  readonly saved: string;
  /** What it is once the writer's text is kept: theirs, unless the writer changed it as well. */
  readonly kept: string;
};

type Props<Text extends Versioned, Key extends QueryKey> = {
  /** The word for such a text: "article". */
  readonly what: string;
  readonly query: UseQueryOptions<Text, Error, Text, Key>;
  readonly requestId: string | null;
  /** Those whose saved value is not what the writer sees in the form. */
  readonly otherFieldsOf: (theirs: Text) => readonly OtherField[];
  readonly onKeepMine: (theirs: Text) => void;
  readonly onTakeTheirs: (theirs: Text) => void;
};

/** Someone else saved first. Shows their text and lets the writer decide; nothing is lost before that. */
export function ConflictNotice<Text extends Versioned, Key extends QueryKey>(props: Props<Text, Key>) {
  const { what, query, requestId, otherFieldsOf, onKeepMine, onTakeTheirs } = props;
  const theirs = useQuery({ ...query, staleTime: 0, refetchOnMount: "always" });
  const heading = useRef<HTMLHeadingElement>(null);

  useEffect(() => heading.current?.focus(), []);

  // The page itself says that it was deleted: there is no other text to choose.
  if (isStatus(theirs.error, 404)) return null;
  return (
    <section className="notice warning" role="alert" aria-labelledby="conflict-title">
      <h2 id="conflict-title" ref={heading} tabIndex={-1} className="notice-title">
        This {what} was changed while you were editing
      </h2>
      <p>
        Your text is still below and has not been saved. “Keep my text” saves what you changed; what you left alone stays as it is saved
        now.
      </p>
      {requestId !== null && (
        <p className="request-id">
          Request id: <code>{requestId}</code>
        </p>
      )}
      {theirs.isFetching && <Loading what={`the saved ${what}`} />}
      {theirs.error !== null && <ErrorNotice error={theirs.error} onRetry={() => void theirs.refetch()} />}
      {theirs.isSuccess && !theirs.isFetching && (
        <>
          <details className="theirs" open>
            <summary>
              Saved version {theirs.data.version}, <DateTime value={theirs.data.updated_at} />
            </summary>
            <p className="theirs-title">{theirs.data.title}</p>
            <div className="theirs-body">{theirs.data.body}</div>
            <Others fields={otherFieldsOf(theirs.data)} />
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

function Others({ fields }: { readonly fields: readonly OtherField[] }) {
  if (fields.length === 0) return null;
  return (
    <ul className="theirs-others">
      {fields.map(({ label, saved, kept }) => (
        <li key={label}>
          {label}: {saved} ({kept === saved ? "also" : kept} if you keep your text)
        </li>
      ))}
    </ul>
  );
}
