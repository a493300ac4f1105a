import { useId, type InputHTMLAttributes, type TextareaHTMLAttributes } from "react";

type Common = {
  readonly label: string;
  readonly hint?: string;
  readonly errors?: readonly string[] | undefined;
};

type InputProps = Common & { readonly multiline?: false } & InputHTMLAttributes<HTMLInputElement>;
type TextareaProps = Common & { readonly multiline: true } & TextareaHTMLAttributes<HTMLTextAreaElement>;

/** A control with its label, hint and messages tied together for assistive technology. */
export function Field(props: InputProps | TextareaProps) {
  const id = useId();
  const { label, hint, errors = [] } = props;
  const hintId = hint === undefined ? undefined : `${id}-hint`;
  const errorId = errors.length === 0 ? undefined : `${id}-error`;
  const shared = {
    id,
    className: "control",
    "aria-invalid": errors.length > 0 || undefined,
    "aria-describedby": [errorId, hintId].filter((part) => part !== undefined).join(" ") || undefined,
  };

  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {props.multiline === true ? <textarea {...control(props)} {...shared} /> : <input {...control(props)} {...shared} />}
      {hintId !== undefined && (
        <p className="hint" id={hintId}>
          {hint}
        </p>
      )}
      {errorId !== undefined && (
        <p className="field-error" id={errorId}>
          {errors.join(" ")}
        </p>
      )}
    </div>
  );
}

function control<Props extends Common & { readonly multiline?: boolean }>(props: Props) {
  const { label: _label, hint: _hint, errors: _errors, multiline: _multiline, ...attributes } = props;
  return attributes;
}
