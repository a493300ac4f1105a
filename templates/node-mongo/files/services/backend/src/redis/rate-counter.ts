import { createHash } from "node:crypto";

import type { Rate } from "../config/environment.ts";
import type { Logger } from "../ops/log.ts";
import { type Redis, within } from "./client.ts";

export interface Usage {
  readonly limit: number;
  readonly used: number;
  readonly resetSeconds: number;
}

export interface RateCounter {
  /** Counts one request; null when nobody can count, and then nothing is limited: the edge's limits stay. */
  count(scope: string, client: string, rate: Rate): Promise<Usage | null>;
}

const TIMEOUT_MS = 1_000;
/** After a failure Redis is left alone for a moment: one that hangs must not add its timeout to every request. */
const PAUSE_MS = 10_000;

export interface Window {
  readonly key: string;
  readonly resetSeconds: number;
}

/** Fixed windows. The client is hashed, so that no address lies about in Redis. */
export function windowOf(scope: string, client: string, { seconds }: Rate, now: number): Window {
  const number = Math.floor(now / 1000 / seconds);
  const digest = createHash("sha256").update(client).digest("hex").slice(0, 32);
  return { key: `rate:${scope}:${digest}:${number}`, resetSeconds: Math.max(1, Math.ceil((number + 1) * seconds - now / 1000)) };
}

export function redisRateCounter(redis: Redis, log: Logger): RateCounter {
  let pausedUntil = 0;
  return {
    async count(scope, client, rate) {
      const now = Date.now();
      if (now < pausedUntil) return null;
      const { key, resetSeconds } = windowOf(scope, client, rate, now);
      try {
        // One step for Redis: a key without an end would count for ever.
        const [used] = await within(TIMEOUT_MS, "Redis", redis.multi().incr(key).expire(key, rate.seconds + 1).exec());
        pausedUntil = 0;
        return { limit: rate.limit, used: Number(used), resetSeconds };
      } catch (err) {
        pausedUntil = Date.now() + PAUSE_MS;
        log.warn({ err }, "the API counts no requests: Redis does not answer");
        return null;
      }
    },
  };
}
