import { randomToken, type Session, type Sessions } from "../../src/redis/sessions.ts";
import { type RateCounter, windowOf } from "../../src/redis/rate-counter.ts";
import type { TriageJob, TriageQueue } from "../../src/tickets/triage-jobs.ts";

/** What Redis does for the API, in memory; `down` makes it refuse, as a Redis that is away. */
export function memoryRedis() {
  const sessions = new Map<string, Session>();
  const counts = new Map<string, number>();
  const jobs: TriageJob[] = [];
  const state = { down: false };
  const check = (): void => {
    if (state.down) throw new Error("Redis did not answer within 500 ms");
  };

  const sessionStore: Sessions = {
    async open(session) {
      check();
      const token = randomToken();
      sessions.set(token, session);
      return token;
    },
    async find(token) {
      check();
      return sessions.get(token) ?? null;
    },
    async end(token) {
      sessions.delete(token);
    },
  };
  const rates: RateCounter = {
    async count(scope, client, rate) {
      if (state.down) return null;
      const { key, resetSeconds } = windowOf(scope, client, rate, Date.now());
      counts.set(key, (counts.get(key) ?? 0) + 1);
      return { limit: rate.limit, used: counts.get(key) ?? 0, resetSeconds };
    },
  };
  const queue: TriageQueue = {
    async add(job) {
      check();
      jobs.push(job);
    },
  };
  return { state, sessions, jobs, sessionStore, rates, queue };
}
