import { Link } from "react-router";
import { isCode, type ApiError } from "../api/errors";
import { isRecord } from "../storage/stored-value";
import { FormError } from "./form-error";
import { reasonInWords } from "./labels";

const SHOWN_BY_FIELDS = ["shipping.name", "shipping.street", "shipping.postal_code", "shipping.city", "shipping.country", "payment_token"];

/** Why there is no order, whether money moved, and what to do now. */
export function RefusedOrder({ error }: { readonly error: Error }) {
  if (!isCode(error, "payment_declined", "out_of_stock", "price_changed", "order_cancelled"))
    return <FormError error={error} shownBy={SHOWN_BY_FIELDS} />;

  const order = isRecord(error.members["order"]) ? error.members["order"] : {};
  const { title, next } = WORDS[error.code ?? ""] ?? { title: error.title, next: "" };
  return (
    <div className="notice warning" role="alert">
      <p className="notice-title">{title}</p>
      <p>
        {typeof order["reason"] === "string" && `${reasonInWords(order["reason"])} `}
        {next}
      </p>
      <Unavailable error={error} />
      <p className="meta">
        {error.code === "out_of_stock" && <Link to="/cart">Change the cart</Link>}
        {typeof order["id"] === "string" && <Link to={`/orders/${order["id"]}`}>See what was recorded</Link>}
      </p>
      {error.requestId !== null && (
        <p className="request-id">
          Request id: <code>{error.requestId}</code>
        </p>
      )}
    </div>
  );
}

const WORDS: Readonly<Record<string, { readonly title: string; readonly next: string }>> = {
  payment_declined: { title: "The payment was declined", next: "Choose another card and order again." },
  out_of_stock: { title: "There is not enough left", next: "Take fewer, or order without it." },
  price_changed: { title: "A price has changed", next: "The total shown now is the new one. Order again if it suits you." },
  order_cancelled: { title: "The order was cancelled", next: "You can order again." },
};

function Unavailable({ error }: { readonly error: ApiError }) {
  const order = isRecord(error.members["order"]) ? error.members["order"] : {};
  const items = list(order["lines"]);
  const short = list(order["unavailable"]);
  if (short.length === 0) return null;
  return (
    <ul className="plain-list">
      {short.map(({ product_id, available }) => {
        const name = items.find((item) => item["product_id"] === product_id)?.["name"];
        return (
          <li key={String(product_id)}>
            {typeof name === "string" ? name : `Product ${String(product_id)}`}: {available === 0 ? "sold out" : `${String(available)} left`}
          </li>
        );
      })}
    </ul>
  );
}

const list = (value: unknown): readonly Record<string, unknown>[] => (Array.isArray(value) ? value.filter(isRecord) : []);
