import { useState } from "react";
import { fieldErrorsOf } from "../api/errors";
import type { OrderDraft, Shop } from "../api/types";
import { inWords } from "../money";
import { AddressFields, NOWHERE } from "./address-fields";
import { PaymentField } from "./payment-field";
import { useFocusInvalid } from "./use-focus-invalid";

type Filled = Pick<OrderDraft, "shipping" | "payment_token">;

type Props = {
  readonly payment: Shop["payment"];
  readonly sent: Filled | null;
  readonly error: Error | null;
  readonly busy: boolean;
  readonly retrying: boolean;
  readonly orderable: boolean;
  readonly totalCents: number;
  readonly currency: string;
  readonly onSubmit: (filled: Filled) => void;
};

export function CheckoutForm(props: Props) {
  const { payment, sent, error, busy, retrying, orderable, totalCents, currency, onSubmit } = props;
  const form = useFocusInvalid(error);
  const [shipping, setShipping] = useState(sent?.shipping ?? NOWHERE);
  const [token, setToken] = useState(sent?.payment_token ?? payment.tokens[0]?.token ?? "");
  const fieldErrors = fieldErrorsOf(error);

  return (
    <form
      ref={form}
      className="form"
      aria-busy={busy}
      onSubmit={(submit) => {
        submit.preventDefault();
        if (orderable && !busy) onSubmit({ shipping, payment_token: token });
      }}
    >
      <AddressFields shipping={shipping} errors={fieldErrors} onChange={setShipping} />
      <PaymentField payment={payment} token={token} errors={fieldErrors["payment_token"]} onChange={setToken} />
      <button type="submit" className="button primary wide" disabled={busy || !orderable}>
        {busy ? "One moment…" : `Order and pay ${inWords(totalCents, currency)}`}
      </button>
      <p className="hint" role="status">
        {busy && !retrying && "Placing the order. This can take some seconds."}
        {retrying && "No answer yet. Asking again for the same order; it is placed only once."}
        {!busy && !orderable && "Something in the cart cannot be ordered as it is. Change the cart to go on."}
      </p>
    </form>
  );
}
