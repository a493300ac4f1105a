import type { ReactNode } from "react";
import { Link } from "react-router";
import type { FieldErrors } from "../api/errors";
import { Form } from "./form";

/** What a page gives the form of something that is written: one form serves the new and the changed. */
export type DraftFormProps<Draft> = {
  readonly draft: Draft;
  readonly onChange: (draft: Draft) => void;
  /** Whether the draft is one from before, which the page would else show as if it were what is stored. */
  readonly restored: boolean;
  readonly submitLabel: string;
  readonly cancelTo: string;
  readonly onCancel: () => void;
  readonly busy: boolean;
  readonly error: Error | null;
  readonly onSubmit: () => void;
};

type Props = Omit<DraftFormProps<unknown>, "draft" | "onChange"> & {
  readonly fields: readonly string[];
  readonly children: (errors: FieldErrors) => ReactNode;
};

export function DraftForm({ restored, submitLabel, cancelTo, onCancel, busy, error, onSubmit, fields, children }: Props) {
  return (
    <Form error={error} fields={fields} onSubmit={onSubmit}>
      {(errors) => (
        <>
          {restored && (
            <p className="hint" role="status">
              What you wrote here before and did not save is back. Cancel throws it away.
            </p>
          )}
          {children(errors)}
          <div className="actions">
            <button type="submit" className="button primary" disabled={busy}>
              {submitLabel}
            </button>
            <Link className="button" to={cancelTo} onClick={onCancel}>
              Cancel
            </Link>
          </div>
        </>
      )}
    </Form>
  );
}
