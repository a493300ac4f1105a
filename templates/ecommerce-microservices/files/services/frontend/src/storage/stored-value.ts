export type StoredValue<Value> = {
  readonly read: () => Value;
  readonly write: (value: Value) => void;
  readonly subscribe: (notify: () => void) => () => void;
};

/**
 * One value that outlives the page, the same in every tab, as a store React can watch. What is stored may be of an older
 * version or of somebody's own making: `parse` says what it means, and whatever it does not know means `empty`.
 */
export function storedValue<Value>(key: string, empty: Value, parse: (stored: unknown) => Value | null): StoredValue<Value> {
  const listeners = new Set<() => void>();
  let lastText: string | null = null;
  let lastValue = empty;
  // A browser may forbid storage. The value then lives as long as the page.
  let unstored: string | null = null;

  const load = (): string | null => {
    try {
      return localStorage.getItem(key) ?? unstored;
    } catch {
      return unstored;
    }
  };

  const onStorage = ({ key: changed }: StorageEvent) => {
    if (changed === key || changed === null) for (const notify of listeners) notify();
  };

  return {
    // React compares what two reads give: the same text must be the same object.
    read: () => {
      const text = load();
      if (text !== lastText) {
        lastText = text;
        lastValue = text === null ? empty : (decode(text, parse) ?? empty);
      }
      return lastValue;
    },
    write: (value) => {
      const text = value === empty ? null : JSON.stringify(value);
      unstored = null;
      try {
        if (text === null) localStorage.removeItem(key);
        else localStorage.setItem(key, text);
      } catch {
        unstored = text;
      }
      for (const notify of listeners) notify();
    },
    subscribe: (notify) => {
      if (listeners.size === 0) addEventListener("storage", onStorage);
      listeners.add(notify);
      return () => {
        listeners.delete(notify);
        if (listeners.size === 0) removeEventListener("storage", onStorage);
      };
    },
  };
}

function decode<Value>(text: string, parse: (stored: unknown) => Value | null): Value | null {
  try {
    return parse(JSON.parse(text));
  } catch {
    return null;
  }
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
