import { ApiError, isStatus } from "../api/errors";
import { placeOrder } from "../api/orders";
import type { Order } from "../api/types";
import { endAttempt, type Attempt } from "./attempt";

const TRIES = 4;
const FIRST_PAUSE_MS = 1_000;

type Options = {
  /** Whether this very attempt may have arrived before: then a refusal at the door says nothing about it. */
  readonly mayHaveArrived: boolean;
  readonly onRetry: () => void;
};

/**
 * Sends an attempt until somebody says what became of it. Lost answers are asked for again with the same key, a few times and
 * ever more slowly. The attempt stays open only where its fate is unknown.
 */
export const sendOrder = (attempt: Attempt, { mayHaveArrived, onRetry }: Options): Promise<Order> => send(attempt, onRetry, mayHaveArrived, 1);

async function send(attempt: Attempt, onRetry: () => void, uncertain: boolean, tries: number): Promise<Order> {
  try {
    const order = await placeOrder(attempt.draft, attempt.key);
    endAttempt(attempt.key);
    return order;
  } catch (error) {
    if (!isLost(error)) {
      if (!uncertain || isVerdict(error)) endAttempt(attempt.key);
      throw error;
    }
    if (tries === TRIES) throw error;
    onRetry();
    await pause(tries, error);
    return await send(attempt, onRetry, true, tries + 1);
  }
}

/** No answer, or one of something that stands before the API: the order may exist or not. */
export const isLost = (error: unknown): boolean => !(error instanceof ApiError) || error.status === 0 || error.status >= 500;

/** Answers about the order itself, not about who may knock. */
const isVerdict = (error: unknown): boolean => isStatus(error, 400, 402, 409, 422);

function pause(tries: number, error: unknown): Promise<void> {
  const wanted = error instanceof ApiError && error.retryAt !== null ? error.retryAt - Date.now() : 0;
  // Many wait after an outage; they must not come back in step.
  const slowed = FIRST_PAUSE_MS * 2 ** (tries - 1) * (0.75 + Math.random() / 2);
  return new Promise((done) => setTimeout(done, Math.min(Math.max(wanted, slowed), 30_000)));
}
