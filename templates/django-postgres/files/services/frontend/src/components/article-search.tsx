import { useEffect, useId, useRef, useState } from "react";
import { ORDERINGS } from "../api/articles";

const PAUSE_MS = 300;

type Props = {
  readonly search: string;
  readonly ordering: string;
  readonly onSearch: (search: string) => void;
  readonly onOrder: (ordering: string) => void;
};

/** Searches when typing pauses. The address is the truth: going back changes the field, too. */
export function ArticleSearch({ search, ordering, onSearch, onOrder }: Props) {
  const [typed, setTyped] = useState(search);
  const [seen, setSeen] = useState(search);
  const pause = useRef<ReturnType<typeof setTimeout>>(undefined);
  const id = useId();

  if (search !== seen) {
    setSeen(search);
    // A blank typed between two words is not in the address, and must not be taken back.
    if (search !== typed.trim()) setTyped(search);
  }

  useEffect(() => () => clearTimeout(pause.current), []);

  function searchNow(value: string): void {
    clearTimeout(pause.current);
    onSearch(value.trim());
  }

  return (
    <div role="search">
      <form
        className="filters"
        onSubmit={(submit) => {
          submit.preventDefault();
          searchNow(typed);
        }}
      >
        <div className="field">
          <label htmlFor={`${id}-search`}>Search</label>
          <input
            id={`${id}-search`}
            className="control"
            type="search"
            autoComplete="off"
            value={typed}
            onChange={({ target }) => {
              setTyped(target.value);
              clearTimeout(pause.current);
              pause.current = setTimeout(() => onSearch(target.value.trim()), PAUSE_MS);
            }}
          />
        </div>
        <div className="field">
          <label htmlFor={`${id}-order`}>Order</label>
          <select
            id={`${id}-order`}
            className="control"
            value={ordering}
            onChange={({ target }) => onOrder(target.value)}
          >
            {ORDERINGS.map(({ value, label }) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </select>
        </div>
      </form>
    </div>
  );
}
