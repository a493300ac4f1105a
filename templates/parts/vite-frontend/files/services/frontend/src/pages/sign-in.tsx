import { Link, useLocation } from "react-router";
import { signIn } from "../api/auth";
import { useEnter } from "../auth/use-enter";
import { CredentialsForm } from "../components/credentials-form";
import { PageHeading } from "../components/page-heading";

export function SignInPage() {
  const entering = useEnter(signIn);
  const { state } = useLocation();

  return (
    <section className="card narrow">
      <PageHeading title="Sign in" />
      <CredentialsForm
        submitLabel="Sign in"
        passwordKind="current-password"
        busy={entering.isPending}
        error={entering.error}
        onSubmit={entering.mutate}
      />
      <p className="aside">
        No account yet?{" "}
        <Link to="/register" state={state}>
          Register
        </Link>
      </p>
    </section>
  );
}
