import { useSyncExternalStore } from "react";

/** Whole seconds left until a moment; 0 when it has passed or there is none. */
export function useSecondsUntil(time: number | null): number {
  return useSyncExternalStore(time === null ? never : often, () =>
    time === null ? 0 : Math.max(0, Math.ceil((time - Date.now()) / 1000)),
  );
}

function often(notify: () => void): () => void {
  const timer = setInterval(notify, 250);
  return () => clearInterval(timer);
}

const never = () => () => undefined;
