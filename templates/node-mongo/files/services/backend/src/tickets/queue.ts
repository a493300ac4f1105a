import { Queue, Worker } from "bullmq";

import type { Redis } from "../redis/client.ts";
import { within } from "../redis/client.ts";
import type { TriageJob, TriageQueue } from "./triage-jobs.ts";

const NAME = "triage";
const ADD_TIMEOUT_MS = 1_500;

export interface OpenQueue extends TriageQueue {
  close(): Promise<void>;
}

export function openQueue(redis: Redis): OpenQueue {
  const queue = new Queue<TriageJob, string, string>(NAME, {
    connection: redis,
    // It would print what it thinks of Redis' settings, and not as JSON.
    skipVersionCheck: true,
    skipWaitingForReady: true,
  });
  queue.on("error", () => {}); // the client says it
  return {
    async add(job) {
      await within(
        ADD_TIMEOUT_MS,
        "the queue",
        queue.add("triage", job, {
          jobId: `${job.ticketId}-${job.version}`,
          attempts: 5,
          backoff: { type: "exponential", delay: 1_000, jitter: 0.5 },
          // The ticket tells how it went; what stayed here would refuse a later job of the same name.
          removeOnComplete: true,
          removeOnFail: true,
        }),
      );
    },
    close: () => queue.close(),
  };
}

export interface Jobs {
  readonly running: () => boolean;
  /** Finishes what is running and takes nothing more. */
  close(): Promise<void>;
}

export interface JobEnd {
  readonly job: TriageJob;
  readonly attempt: number;
  readonly error?: Error;
}

export function takeJobs(redis: Redis, concurrency: number, work: (job: TriageJob, attempt: number) => Promise<string>, failed: (end: JobEnd) => void): Jobs {
  const worker = new Worker<TriageJob, string, string>(NAME, (job) => work(job.data, job.attemptsMade + 1), {
    connection: redis,
    concurrency,
    skipVersionCheck: true,
    // A killed worker's job is taken by another one after these two together, at most.
    lockDuration: 10_000,
    stalledInterval: 5_000,
    maxStalledCount: 10,
  });
  worker.on("error", () => {}); // the client says it
  worker.on("failed", (job, error) => {
    if (job !== undefined) failed({ job: job.data, attempt: job.attemptsMade, error });
  });
  return { running: () => worker.isRunning() && !worker.isPaused(), close: () => worker.close() };
}
