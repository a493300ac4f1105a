import type { ReactNode } from "react";
import { Link } from "react-router";
import type { FieldErrors } from "../api/errors";
import { Form } from "./form";

/** What a page gives the form of something that is written: one form serves the new and the changed. */
export type DraftFormProps<Draft> = {
  readonly draft: Draft;
  readonly onChange: (draft: Draft) => void;
  readonly submitLabel: string;
  readonly cancelTo: string;
  readonly busy: boolean;
  readonly error: Error | null;
  readonly onSubmit: () => void;
};

type Props = Omit<DraftFormProps<unknown>, "draft" | "onChange"> & {
  readonly fields: readonly string[];
  readonly children: (errors: FieldErrors) => ReactNode;
};

export function DraftForm({ submitLabel, cancelTo, busy, error, onSubmit, fields, children }: Props) {
  return (
    <Form error={error} fields={fields} onSubmit={onSubmit}>
      {(errors) => (
        <>
          {children(errors)}
          <div className="actions">
            <button type="submit" className="button primary" disabled={busy}>
              {submitLabel}
            </button>
            <Link className="button" to={cancelTo}>
              Cancel
            </Link>
          </div>
        </>
      )}
    </Form>
  );
}
