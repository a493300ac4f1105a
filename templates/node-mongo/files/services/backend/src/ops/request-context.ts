import { AsyncLocalStorage } from "node:async_hooks";
import { randomUUID } from "node:crypto";

/** The id that ties together the log lines of one request and of the jobs it started. */
export const REQUEST_ID_HEADER = "x-request-id";

const WELL_FORMED = /^[A-Za-z0-9._-]{8,64}$/;
const current = new AsyncLocalStorage<string>();

export const currentRequestId = (): string | null => current.getStore() ?? null;

export const withRequestId = <Result>(id: string, work: () => Result): Result => current.run(id, work);

export function acceptOrMake(candidate: unknown): string {
  return typeof candidate === "string" && WELL_FORMED.test(candidate) ? candidate : randomUUID().replaceAll("-", "");
}
