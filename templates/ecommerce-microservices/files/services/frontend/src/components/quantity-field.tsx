import { useId, useState } from "react";
import { MAX_QUANTITY } from "../cart/cart";

type Props = {
  /** The product's name: several of these can stand on one page. */
  readonly of: string;
  readonly value: number;
  readonly onChange: (quantity: number) => void;
};

/** A number one can type or step. What is being typed is only taken when it is a possible quantity. */
export function QuantityField({ of, value, onChange }: Props) {
  const id = useId();
  const [typed, setTyped] = useState<string | null>(null);

  function take(text: string): void {
    setTyped(text);
    const quantity = Number(text);
    if (/^\d+$/.test(text) && quantity >= 1 && quantity <= MAX_QUANTITY) onChange(quantity);
  }

  return (
    <div className="quantity">
      <label htmlFor={id} className="visually-hidden">
        Quantity of {of}
      </label>
      <button type="button" className="button step" aria-label={`One less of ${of}`} disabled={value <= 1} onClick={() => onChange(value - 1)}>
        −
      </button>
      <input
        id={id}
        className="control"
        inputMode="numeric"
        autoComplete="off"
        maxLength={2}
        value={typed ?? String(value)}
        onChange={({ target }) => take(target.value)}
        onBlur={() => setTyped(null)}
      />
      <button
        type="button"
        className="button step"
        aria-label={`One more of ${of}`}
        disabled={value >= MAX_QUANTITY}
        onClick={() => onChange(value + 1)}
      >
        +
      </button>
    </div>
  );
}
