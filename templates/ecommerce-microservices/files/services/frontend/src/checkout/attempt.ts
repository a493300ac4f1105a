import type { OrderDraft } from "../api/types";
import { isRecord, storedValue } from "../storage/stored-value";

/**
 * An order that was sent and has no answer yet. It is written down before the request leaves: whatever ends this page,
 * the same order goes out again with the same key, and the API makes one order of both.
 */
export type Attempt = {
  readonly owner: string;
  readonly key: string;
  readonly draft: OrderDraft;
  readonly startedAt: string;
};

export const attemptStore = storedValue<Attempt | null>("shop.attempt", null, parseAttempt);

/** The open attempt of this account; nobody else's. */
export const attemptOf = (attempt: Attempt | null, owner: string | undefined): Attempt | null =>
  attempt !== null && attempt.owner === owner ? attempt : null;

/** One key for one decision to buy. While that has no answer there is no second one, in no tab. */
export function beginAttempt(owner: string, draft: OrderDraft): Attempt {
  const open = attemptOf(attemptStore.read(), owner);
  if (open !== null) return open;
  const attempt = { owner, key: crypto.randomUUID(), draft, startedAt: new Date().toISOString() };
  attemptStore.write(attempt);
  return attempt;
}

/** Only with an answer that says what became of it. */
export function endAttempt(key: string): void {
  if (attemptStore.read()?.key === key) attemptStore.write(null);
}

function parseAttempt(stored: unknown): Attempt | null {
  if (!isRecord(stored) || !isRecord(stored["draft"])) return null;
  const { owner, key, draft, startedAt } = stored;
  if (typeof owner !== "string" || typeof key !== "string" || typeof startedAt !== "string") return null;
  if (!Array.isArray(draft["items"]) || typeof draft["payment_token"] !== "string") return null;
  if (!isRecord(draft["shipping"]) || !Number.isInteger(draft["expected_total_cents"])) return null;
  return { owner, key, draft: draft as unknown as OrderDraft, startedAt };
}
