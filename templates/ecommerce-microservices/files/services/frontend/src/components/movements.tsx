import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { auditQuery } from "../api/products";
import { DateTime } from "./date-time";
import { ErrorNotice } from "./error-notice";
import { Loading } from "./loading";
import { Pagination } from "./pagination";
import { sentence } from "./sentence";

/** Who moved what, when and why: rows that no one can edit, the API's own role included. */
export function Movements({ id }: { readonly id: number }) {
  const [page, setPage] = useState(1);
  const movements = useQuery(auditQuery(id, page));

  return (
    <section className="panel" aria-labelledby="movements-title">
      <h2 id="movements-title">Audit trail</h2>
      {movements.isPending && <Loading what="the audit trail" />}
      {movements.error !== null && <ErrorNotice error={movements.error} onRetry={() => void movements.refetch()} />}
      {movements.data?.results.length === 0 && <p className="hint">Nothing has moved yet.</p>}
      {movements.data !== undefined && (
        <div aria-busy={movements.isPlaceholderData}>
          <ol className="movements">
            {movements.data.results.map(({ id: movement, at, kind, quantity, actor, reason }) => (
              <li key={movement}>
                <span className="movement-quantity">{signed(quantity)}</span>
                <span>
                  {sentence(kind)}
                  {reason !== null && reason !== "" && `: ${reason}`}
                </span>
                <span className="meta">
                  <DateTime value={at} />
                  <span>{actor}</span>
                </span>
              </li>
            ))}
          </ol>
          <Pagination
            page={page}
            hasPrevious={page > 1}
            hasNext={movements.data.next !== null}
            onGo={setPage}
          />
        </div>
      )}
    </section>
  );
}

/** A change of the price or the name moves nothing, and shows no number. */
function signed(quantity: number): string {
  if (quantity === 0) return "";
  return quantity > 0 ? `+${quantity}` : String(quantity);
}
