import { useState } from "react";
import { Link } from "react-router";
import { endAttempt, type Attempt } from "../checkout/attempt";
import { ConfirmDialog } from "./confirm-dialog";
import { DateTime } from "./date-time";
import { ErrorNotice } from "./error-notice";
import { PageHeading } from "./page-heading";

type Props = {
  readonly attempt: Attempt;
  readonly error: Error | null;
  readonly busy: boolean;
  readonly onAsk: () => void;
};

/** An order went out, and nobody knows what became of it. Asking again is safe; ordering again is not. */
export function OpenAttempt({ attempt, error, busy, onAsk }: Props) {
  const [givingUp, setGivingUp] = useState(false);
  const pieces = attempt.draft.items.reduce((sum, { quantity }) => sum + quantity, 0);

  return (
    <section className="card narrow open-attempt">
      <PageHeading title="Your order has no answer yet" />
      <p>
        It was sent on <DateTime value={attempt.startedAt} />: {pieces === 1 ? "one piece" : `${pieces} pieces`}. It may have arrived or not. Ask
        again to find out: however often you do, it is placed and paid once.
      </p>
      {error !== null && !busy && <ErrorNotice error={error} />}
      <p className="hint" role="status">
        {busy && "Asking what became of it. This can take some seconds."}
      </p>
      <div className="actions">
        <button type="button" className="button primary" disabled={busy} onClick={onAsk}>
          {busy ? "One moment…" : "Ask again"}
        </button>
        <Link className="button" to="/orders">
          See your orders
        </Link>
        <button type="button" className="button danger" disabled={busy} onClick={() => setGivingUp(true)}>
          Forget it
        </button>
      </div>
      {givingUp && (
        <ConfirmDialog
          title="Forget this order?"
          confirmLabel="Forget it"
          cancelLabel="Keep it"
          busy={false}
          onConfirm={() => endAttempt(attempt.key)}
          onCancel={() => setGivingUp(false)}
        >
          <p>If it did arrive, it stays valid and is paid. Look at your orders first, so that you do not buy everything twice.</p>
        </ConfirmDialog>
      )}
    </section>
  );
}
