import { ApiError } from "../api/errors";
import type { Credentials } from "../api/shared-types";
import { Field } from "./field";
import { FormError } from "./form-error";
import { useFocusInvalid } from "./use-focus-invalid";

type Props = {
  readonly submitLabel: string;
  readonly passwordHint?: string;
  readonly passwordKind: "current-password" | "new-password";
  readonly busy: boolean;
  readonly error: Error | null;
  readonly onSubmit: (credentials: Credentials) => void;
};

export function CredentialsForm({ submitLabel, passwordHint, passwordKind, busy, error, onSubmit }: Props) {
  const form = useFocusInvalid(error);
  const fieldErrors = error instanceof ApiError ? error.fieldErrors : {};

  return (
    <form
      ref={form}
      className="form"
      onSubmit={(submit) => {
        submit.preventDefault();
        const data = new FormData(submit.currentTarget);
        onSubmit({ email: String(data.get("email")), password: String(data.get("password")) });
      }}
    >
      <FormError error={error} shownBy={["email", "password"]} />
      <Field label="Email" name="email" type="email" autoComplete="username" required errors={fieldErrors["email"]} />
      <Field
        label="Password"
        name="password"
        type="password"
        autoComplete={passwordKind}
        required
        errors={fieldErrors["password"]}
        {...(passwordHint === undefined ? {} : { hint: passwordHint })}
      />
      <button type="submit" className="button primary wide" disabled={busy}>
        {busy ? "One moment…" : submitLabel}
      </button>
    </form>
  );
}
