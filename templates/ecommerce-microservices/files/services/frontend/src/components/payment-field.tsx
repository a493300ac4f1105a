import type { Shop } from "../api/types";
import { Field } from "./field";
import { SelectField } from "./select-field";

type Props = {
  readonly payment: Shop["payment"];
  readonly token: string;
  readonly errors: readonly string[] | undefined;
  readonly onChange: (token: string) => void;
};

export function PaymentField({ payment, token, errors, onChange }: Props) {
  return (
    <fieldset className="fieldset">
      <legend>Payment</legend>
      {payment.provider === "test" ? (
        <SelectField
          label="Card"
          hint="This shop runs with its built-in test provider: no money moves."
          value={token}
          options={payment.tokens.map((one) => [one.token, one.label] as const)}
          errors={errors}
          onChange={onChange}
        />
      ) : (
        <Field
          label="Payment method"
          hint="The id of a Stripe PaymentMethod, such as pm_card_visa in test mode."
          name="payment_token"
          required
          pattern="pm_[A-Za-z0-9_]+"
          title="pm_ and letters, digits or underscores"
          autoComplete="off"
          value={token}
          errors={errors}
          onChange={({ target }) => onChange(target.value.trim())}
        />
      )}
    </fieldset>
  );
}
