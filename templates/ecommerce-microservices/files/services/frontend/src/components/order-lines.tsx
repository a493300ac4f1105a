import type { Amount } from "../api/types";
import { times } from "../money";
import { Price } from "./price";

type Line = { readonly id: number; readonly name: string; readonly quantity: number; readonly unitPrice: Amount | null };
type Props = { readonly lines: readonly Line[]; readonly total: Amount | null; readonly currency: string };

/** What is ordered, and what it costs: the same before and after. */
export function OrderLines({ lines, total, currency }: Props) {
  return (
    <>
      <ul className="order-lines">
        {lines.map(({ id, name, quantity, unitPrice }) => (
          <li key={id}>
            <span>
              {quantity} × {name}
            </span>
            {unitPrice !== null && <Price amount={times(unitPrice, quantity)} currency={currency} />}
          </li>
        ))}
      </ul>
      {total !== null && (
        <p className="order-total">
          <span>Total</span>
          <Price amount={total} currency={currency} />
        </p>
      )}
    </>
  );
}
