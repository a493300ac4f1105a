import { useEffect, useId, useRef, useState } from "react";

const PAUSE_MS = 300;

type Props = {
  readonly search: string;
  readonly onSearch: (search: string) => void;
};

/** Searches when typing pauses, or at once with Enter. The address is the truth: going back changes the field, too. */
export function SearchField({ search, onSearch }: Props) {
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
    <div className="field">
      <label htmlFor={id}>Search</label>
      <input
        id={id}
        className="control"
        type="search"
        autoComplete="off"
        value={typed}
        onChange={({ target }) => {
          setTyped(target.value);
          clearTimeout(pause.current);
          pause.current = setTimeout(() => searchNow(target.value), PAUSE_MS);
        }}
        onKeyDown={({ key, nativeEvent }) => {
          // Enter that ends the choice of a word is the keyboard's own.
          if (key === "Enter" && !nativeEvent.isComposing) searchNow(typed);
        }}
      />
    </div>
  );
}
