import { Link, useLocation } from "react-router";
import { register } from "../api/auth";
import { useEnter } from "../auth/use-enter";
import { CredentialsForm } from "../components/credentials-form";
import { PageHeading } from "../components/page-heading";

export function RegisterPage() {
  const entering = useEnter(register);
  const { state } = useLocation();

  return (
    <section className="card narrow">
      <PageHeading title="Register" />
      <CredentialsForm
        submitLabel="Create account"
        passwordHint="At least 12 characters. A few words are easier to remember than symbols."
        passwordKind="new-password"
        busy={entering.isPending}
        error={entering.error}
        onSubmit={entering.mutate}
      />
      <p className="aside">
        Already registered?{" "}
        <Link to="/sign-in" state={state}>
          Sign in
        </Link>
      </p>
    </section>
  );
}
