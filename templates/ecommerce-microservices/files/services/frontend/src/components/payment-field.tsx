import { FEATURES } from "../features";
import { Field } from "./field";
import { SelectField } from "./select-field";

type Props = {
  readonly token: string;
  readonly errors: readonly string[] | undefined;
  readonly onChange: (token: string) => void;
};

/** What the built-in provider makes of each: the same words that payment-api knows. */
const TEST_CARDS = [
  ["tok_ok", "Test card that pays"],
  ["tok_declined", "Test card that is declined"],
  ["tok_insufficient_funds", "Test card without enough money"],
  ["tok_slow", "Test card that is slow"],
  ["tok_timeout", "Test card whose answer is lost"],
] as const;

export const FIRST_TOKEN = FEATURES.testPayments ? TEST_CARDS[0][0] : "";

export function PaymentField({ token, errors, onChange }: Props) {
  return (
    <fieldset className="fieldset">
      <legend>How it is paid</legend>
      {FEATURES.testPayments ? (
        <SelectField
          label="Card"
          hint="This shop runs with its built-in test provider: no money moves."
          value={token}
          options={TEST_CARDS}
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
