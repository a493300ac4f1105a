import { useEffect, useRef } from "react";

/** After a refused submit, puts the focus on the first field that needs a change. */
export function useFocusInvalid(error: Error | null) {
  const form = useRef<HTMLFormElement>(null);

  useEffect(() => {
    if (error !== null) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [error]);

  return form;
}
