import { useId } from "react";

type Props<Value extends string> = {
  readonly label: string;
  readonly value: Value;
  readonly options: readonly (readonly [Value, string])[];
  readonly disabled?: boolean;
  readonly hint?: string;
  readonly errors?: readonly string[] | undefined;
  readonly autoComplete?: string;
  readonly onChange: (value: Value) => void;
};

export function SelectField<Value extends string>(props: Props<Value>) {
  const { label, value, options, disabled = false, hint, errors = [], autoComplete, onChange } = props;
  const id = useId();
  const hintId = hint === undefined ? undefined : `${id}-hint`;
  const errorId = errors.length === 0 ? undefined : `${id}-error`;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <select
        id={id}
        className="control"
        value={value}
        disabled={disabled}
        autoComplete={autoComplete}
        aria-invalid={errors.length > 0 || undefined}
        aria-describedby={[errorId, hintId].filter((part) => part !== undefined).join(" ") || undefined}
        onChange={({ target }) => {
          const chosen = options.find(([option]) => option === target.value);
          if (chosen !== undefined) onChange(chosen[0]);
        }}
      >
        {options.map(([option, words]) => (
          <option key={option} value={option}>
            {words}
          </option>
        ))}
      </select>
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
