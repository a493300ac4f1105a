import type { Logger } from "../ops/log.ts";
import { assess } from "./assess.ts";
import { triageEvent } from "./make.ts";
import type { Tickets } from "./ticket.ts";

export interface TriageJob {
  readonly ticketId: string;
  readonly version: number;
  readonly requestId: string | null;
}

export interface TriageQueue {
  /** The same ticket and version twice is one job. Rejects when the queue does not answer. */
  add(job: TriageJob): Promise<void>;
}

export const MAX_ATTEMPTS = 10;
const BATCH = 100;
const KEEP_DELETED_MS = 30 * 24 * 3600 * 1000;

/** The ticket already says that its triage is pending, so a job that was not queued is queued later: see `sweep`. */
export async function requestTriage(queue: TriageQueue, job: TriageJob, log: Logger): Promise<boolean> {
  try {
    await queue.add(job);
    return true;
  } catch (err) {
    log.warn({ err, ticket_id: job.ticketId, ticket_version: job.version }, "triage not queued, it will be later");
    return false;
  }
}

/** Safe to run twice, also at the same time: only one of them writes the result. */
export async function runTriage(tickets: Tickets, { ticketId, version, requestId }: TriageJob): Promise<"done" | "superseded"> {
  const ticket = await tickets.claimTriage(ticketId, version, new Date());
  if (ticket === null) return "superseded";
  const found = assess(ticket.title, ticket.body);
  const now = new Date();
  const triage = { ...ticket.triage, ...found, state: "done" as const, touchedAt: now, finishedAt: now, error: "" };
  return (await tickets.finishTriage(triageEvent(ticket, requestId, now), triage)) ? "done" : "superseded";
}

export interface Swept {
  readonly requeued: number;
  readonly givenUp: number;
  readonly purged: number;
}

/** What nobody else comes back to: lost jobs, and deleted tickets whose time is over. Any number may sweep. */
export async function sweep(tickets: Tickets, queue: TriageQueue, requeueAfterMs: number, log: Logger): Promise<Swept> {
  const now = new Date();
  const stuck = await tickets.stuckTriages(new Date(now.getTime() - requeueAfterMs), BATCH);
  let requeued = 0;
  let givenUp = 0;
  for (const { _id, version, triage } of stuck) {
    // A text that ends its worker each time must not come round for ever.
    if (triage.attempts >= MAX_ATTEMPTS) {
      await tickets.touchTriage(_id, version, { state: "failed", touchedAt: now, finishedAt: now, error: "Gave up after too many attempts." });
      givenUp += 1;
      continue;
    }
    // Before it is sent: afterwards a quick worker may have claimed it already.
    await tickets.touchTriage(_id, version, { state: "pending", touchedAt: now, finishedAt: null, error: "" });
    if (!(await requestTriage(queue, { ticketId: _id, version, requestId: null }, log))) break;
    requeued += 1;
  }
  const purged = await tickets.purge(new Date(now.getTime() - KEEP_DELETED_MS), BATCH);
  return { requeued, givenUp, purged };
}
