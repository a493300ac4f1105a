import { Price } from "./price";

type Line = { readonly id: number; readonly name: string; readonly quantity: number; readonly unitCents: number | null };
type Props = { readonly lines: readonly Line[]; readonly totalCents: number | null; readonly currency: string };

/** What is ordered, and what it costs: the same before and after. */
export function OrderLines({ lines, totalCents, currency }: Props) {
  return (
    <>
      <ul className="order-lines">
        {lines.map(({ id, name, quantity, unitCents }) => (
          <li key={id}>
            <span>
              {quantity} × {name}
            </span>
            {unitCents !== null && <Price cents={unitCents * quantity} currency={currency} />}
          </li>
        ))}
      </ul>
      {totalCents !== null && (
        <p className="order-total">
          <span>Total</span>
          <Price cents={totalCents} currency={currency} />
        </p>
      )}
    </>
  );
}
