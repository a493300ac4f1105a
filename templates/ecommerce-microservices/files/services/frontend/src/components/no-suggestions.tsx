import { ApiError } from "../api/errors";

/** A shop sells without suggestions, too: their absence is said in passing, and is no alarm. */
export function NoSuggestions({ error }: { readonly error: Error }) {
  const requestId = error instanceof ApiError ? error.requestId : null;
  return (
    <p className="hint suggestions">
      There are no suggestions at the moment. Reload the page to ask again.
      {requestId !== null && (
        <>
          {" "}
          Request id: <code>{requestId}</code>
        </>
      )}
    </p>
  );
}
