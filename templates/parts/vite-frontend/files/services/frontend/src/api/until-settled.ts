import { isStatus } from "./errors";

const FIRST_MS = 1_000;

type State<Data> = {
  readonly data: Data | undefined;
  readonly dataUpdateCount: number;
  readonly error: Error | null;
};

/** A refetchInterval that ends with what is settled: every second at first, then ever slower, never more often than the API allows. */
export const untilSettled =
  <Data>(isSettled: (data: Data) => boolean, slowestMs: number) =>
  ({ state: { data, dataUpdateCount, error } }: { readonly state: State<Data> }): number | false => {
    if (data === undefined || isSettled(data)) return false;
    const slowed = Math.min(FIRST_MS * 1.4 ** Math.max(0, dataUpdateCount - 1), slowestMs);
    if (!isStatus(error, 429)) return slowed;
    return Math.max(slowed, (error.retryAt ?? 0) - Date.now());
  };
