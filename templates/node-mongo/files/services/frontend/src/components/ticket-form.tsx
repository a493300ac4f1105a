import { PRIORITIES, type TicketDraft } from "../api/types";
import { DraftForm, type DraftFormProps } from "./draft-form";
import { Field } from "./field";
import { PRIORITY_WORDS } from "./labels";
import { SelectField } from "./select-field";

export function TicketForm({ draft, onChange, ...form }: DraftFormProps<TicketDraft>) {
  return (
    <DraftForm {...form} fields={["title", "body"]}>
      {(errors) => (
        <>
          <Field
            label="Title"
            name="title"
            required
            maxLength={200}
            autoComplete="off"
            value={draft.title}
            errors={errors["title"]}
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
            errors={errors["body"]}
            onChange={({ target }) => onChange({ ...draft, body: target.value })}
          />
          <SelectField
            label="Priority"
            value={draft.priority}
            options={PRIORITIES.map((priority) => [priority, PRIORITY_WORDS[priority]] as const)}
            onChange={(priority) => onChange({ ...draft, priority })}
          />
        </>
      )}
    </DraftForm>
  );
}
