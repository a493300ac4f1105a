import type { ArticleDraft } from "../api/types";
import { DraftForm, type DraftFormProps } from "./draft-form";
import { Field } from "./field";

export function ArticleForm({ draft, onChange, ...form }: DraftFormProps<ArticleDraft>) {
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
            label="Text"
            name="body"
            required
            maxLength={100_000}
            rows={14}
            value={draft.body}
            errors={errors["body"]}
            onChange={({ target }) => onChange({ ...draft, body: target.value })}
          />
        </>
      )}
    </DraftForm>
  );
}
