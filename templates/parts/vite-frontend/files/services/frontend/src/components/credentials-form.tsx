import type { Credentials } from "../api/shared-types";
import { Field } from "./field";
import { Form } from "./form";

type Props = {
  readonly submitLabel: string;
  readonly passwordHint?: string;
  readonly passwordKind: "current-password" | "new-password";
  readonly busy: boolean;
  readonly error: Error | null;
  readonly onSubmit: (credentials: Credentials) => void;
};

export function CredentialsForm({ submitLabel, passwordHint, passwordKind, busy, error, onSubmit }: Props) {
  return (
    <Form
      error={error}
      fields={["email", "password"]}
      onSubmit={(form) => {
        const data = new FormData(form);
        onSubmit({ email: String(data.get("email")), password: String(data.get("password")) });
      }}
    >
      {(errors) => (
        <>
          <Field label="Email" name="email" type="email" autoComplete="username" required errors={errors["email"]} />
          <Field
            label="Password"
            name="password"
            type="password"
            autoComplete={passwordKind}
            required
            errors={errors["password"]}
            {...(passwordHint === undefined ? {} : { hint: passwordHint })}
          />
          <button type="submit" className="button primary wide" disabled={busy}>
            {busy ? "One moment…" : submitLabel}
          </button>
        </>
      )}
    </Form>
  );
}
