import type { FieldErrors } from "../api/errors";
import type { Shipping } from "../api/types";
import { countryName } from "./country-name";
import { Field } from "./field";
import { SelectField } from "./select-field";

type Props = {
  readonly shipping: Shipping;
  readonly errors: FieldErrors;
  readonly onChange: (shipping: Shipping) => void;
};

export const NOWHERE: Shipping = { name: "", street: "", postal_code: "", city: "", country: "DE" };

const LONGEST = 100;

export function AddressFields({ shipping, errors, onChange }: Props) {
  const field = (key: keyof Shipping) => ({
    name: key,
    required: true,
    maxLength: LONGEST,
    value: shipping[key],
    errors: errors[`shipping.${key}`],
    onChange: ({ target }: { readonly target: { readonly value: string } }) => onChange({ ...shipping, [key]: target.value }),
  });

  return (
    <fieldset className="fieldset">
      <legend>Delivery address</legend>
      <Field label="Name" autoComplete="shipping name" {...field("name")} />
      <Field label="Street and number" autoComplete="shipping street-address" {...field("street")} />
      <div className="field-pair">
        <Field label="Postal code" autoComplete="shipping postal-code" {...field("postal_code")} maxLength={12} />
        <Field label="City" autoComplete="shipping address-level2" {...field("city")} />
      </div>
      <SelectField
        label="Country"
        autoComplete="shipping country"
        value={shipping.country}
        options={COUNTRIES}
        errors={errors["shipping.country"]}
        onChange={(country) => onChange({ ...shipping, country })}
      />
    </fieldset>
  );
}

/** Where this shop sends to: change it to where yours does. */
const COUNTRIES = ["AT", "BE", "CH", "CZ", "DE", "DK", "ES", "FR", "GB", "IE", "IT", "LU", "NL", "PL", "PT", "SE", "US"]
  .map((code) => [code, countryName(code)] as const)
  .toSorted(([, one], [, other]) => one.localeCompare(other));
