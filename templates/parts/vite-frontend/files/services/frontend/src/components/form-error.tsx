import { fieldErrorsOf } from "../api/errors";
import { ErrorNotice } from "./error-notice";

type Props = {
  readonly error: Error | null;
  /** Fields that show their own messages. */
  readonly shownBy: readonly string[];
};

/** What the fields of a form cannot say themselves. */
export function FormError({ error, shownBy }: Props) {
  if (error === null) return null;
  const elsewhere = Object.entries(fieldErrorsOf(error)).filter(([field]) => !shownBy.includes(field));

  return (
    <>
      <ErrorNotice error={error} />
      {elsewhere.length > 0 && (
        <ul className="notice-list">
          {elsewhere.map(([field, messages]) => (
            <li key={field}>{messages.join(" ")}</li>
          ))}
        </ul>
      )}
    </>
  );
}
