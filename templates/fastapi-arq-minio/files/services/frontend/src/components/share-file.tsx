import { useMutation } from "@tanstack/react-query";
import { makeLink } from "../api/files";
import type { StoredFile } from "../api/types";
import { DateTime } from "./date-time";
import { ErrorNotice } from "./error-notice";

/** A link that works without an account, for a while. */
export function ShareFile({ file }: { readonly file: StoredFile }) {
  const linking = useMutation({ mutationFn: () => makeLink(file.id) });

  return (
    <section className="panel" aria-labelledby="share-title">
      <h2 id="share-title">Share</h2>
      {linking.data === undefined ? (
        <p className="hint">Whoever has the link can download the file, until the link expires.</p>
      ) : (
        <p role="status">
          <a href={linking.data.url}>Link to this file</a>, good until <DateTime value={linking.data.expires_at} />
        </p>
      )}
      {linking.error !== null && <ErrorNotice error={linking.error} />}
      <button type="button" className="button" onClick={() => linking.mutate()} disabled={linking.isPending}>
        {linking.data === undefined ? "Make a link" : "Make another"}
      </button>
    </section>
  );
}
