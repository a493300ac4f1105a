import { setTimeout as pause } from "node:timers/promises";

import { type ClientSession, MongoError, MongoErrorLabel } from "mongodb";

const TRANSACTION_MS = 15_000;
/** Shorter than the ten seconds that the driver lets a commit wait for the other members. */
const COMMIT_MS = 5_000;
/** The driver's own steps: the longer others are in the way, the less one comes in theirs. */
const pauseBefore = (attempt: number): number => Math.random() * Math.min(5 * 1.5 ** attempt, 500);

/**
 * All of `work`, or nothing; both are tried again while the server asks for it. The driver's own withTransaction would go on for
 * two minutes, whatever limit it is given, and nobody waits that long for an answer.
 */
export async function transact<Result>(session: ClientSession, work: () => Promise<Result>): Promise<Result> {
  const end = performance.now() + TRANSACTION_MS;
  const again = (error: unknown, label: string): boolean =>
    error instanceof MongoError && error.hasErrorLabel(label) && performance.now() < end;

  async function commit(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await session.commitTransaction();
      } catch (error) {
        // A second commit of what is committed changes nothing, and a second `work` could.
        if (!again(error, MongoErrorLabel.UnknownTransactionCommitResult)) throw error;
      }
      await pause(pauseBefore(attempt));
    }
  }

  for (let attempt = 1; ; attempt++) {
    session.startTransaction({ maxCommitTimeMS: COMMIT_MS });
    try {
      const result = await work();
      await commit();
      return result;
    } catch (error) {
      if (session.inTransaction()) await session.abortTransaction();
      if (!again(error, MongoErrorLabel.TransientTransactionError)) throw error;
    }
    await pause(pauseBefore(attempt));
  }
}
