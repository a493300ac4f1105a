import type { ReactNode } from "react";
import { fieldErrorsOf, type FieldErrors } from "../api/errors";
import { FormError } from "./form-error";
import { useFocusInvalid } from "./use-focus-invalid";

type Props = {
  readonly error: Error | null;
  /** The names of its fields: each shows its own messages, the form shows the others. */
  readonly fields: readonly string[];
  readonly onSubmit: (form: HTMLFormElement) => void;
  readonly children: (errors: FieldErrors) => ReactNode;
};

/** A form that the page sends itself; what was refused it says above and at its fields. */
export function Form({ error, fields, onSubmit, children }: Props) {
  const form = useFocusInvalid(error);

  return (
    <form
      ref={form}
      className="form"
      onSubmit={(submit) => {
        submit.preventDefault();
        onSubmit(submit.currentTarget);
      }}
    >
      <FormError error={error} shownBy={fields} />
      {children(fieldErrorsOf(error))}
    </form>
  );
}
