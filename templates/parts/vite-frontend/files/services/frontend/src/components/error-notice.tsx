import { ApiError } from "../api/errors";
import { useSecondsUntil } from "./use-seconds-until";

type Props = {
  readonly error: Error;
  readonly onRetry?: () => void;
};

/** What went wrong, what to do, and the id that finds the request in the logs. */
export function ErrorNotice({ error, onRetry }: Props) {
  const known = error instanceof ApiError ? error : null;
  const wait = useSecondsUntil(known?.retryAt ?? null);

  return (
    <div className="notice error" role="alert">
      <p className="notice-title">{known?.title ?? "Something went wrong"}</p>
      {known !== null && known.detail !== "" && <p>{known.detail}</p>}
      {known !== null && known.requestId !== null && (
        <p className="request-id">
          Request id: <code>{known.requestId}</code>
        </p>
      )}
      {onRetry === undefined ? (
        // Out of the alert's way: a screen reader must not read every second aloud.
        wait > 0 && <p aria-live="off">You can try again in {wait} s.</p>
      ) : (
        <button type="button" className="button" onClick={onRetry} disabled={wait > 0} aria-live="off">
          {wait > 0 ? `Try again in ${wait} s` : "Try again"}
        </button>
      )}
    </div>
  );
}
