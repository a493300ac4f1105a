import type { ReactNode } from "react";
import { ApiError } from "../api/errors";
import { PRIORITIES, type TicketDraft } from "../api/types";
import { Field } from "./field";
import { FormError } from "./form-error";
import { PRIORITY_WORDS } from "./labels";
import { SelectField } from "./select-field";
import { useFocusInvalid } from "./use-focus-invalid";

type Props = {
  readonly draft: TicketDraft;
  readonly onChange: (draft: TicketDraft) => void;
  readonly submitLabel: string;
  readonly busy: boolean;
  readonly error: Error | null;
  readonly onSubmit: () => void;
  readonly children?: ReactNode;
};

export function TicketForm({ draft, onChange, submitLabel, busy, error, onSubmit, children }: Props) {
  const form = useFocusInvalid(error);
  const fieldErrors = error instanceof ApiError ? error.fieldErrors : {};

  return (
    <form
      ref={form}
      className="form"
      onSubmit={(submit) => {
        submit.preventDefault();
        onSubmit();
      }}
    >
      <FormError error={error} shownBy={["title", "body"]} />
      <Field
        label="Title"
        name="title"
        required
        maxLength={200}
        autoComplete="off"
        value={draft.title}
        errors={fieldErrors["title"]}
        onChange={({ target }) => onChange({ ...draft, title: target.value })}
      />
      <Field
        multiline
        label="What happens"
        name="body"
        required
        maxLength={20_000}
        rows={10}
        value={draft.body}
        errors={fieldErrors["body"]}
        onChange={({ target }) => onChange({ ...draft, body: target.value })}
      />
      <SelectField
        label="Priority"
        value={draft.priority}
        options={PRIORITIES.map((priority) => [priority, PRIORITY_WORDS[priority]] as const)}
        onChange={(priority) => onChange({ ...draft, priority })}
      />
      <div className="actions">
        <button type="submit" className="button primary" disabled={busy}>
          {submitLabel}
        </button>
        {children}
      </div>
    </form>
  );
}
