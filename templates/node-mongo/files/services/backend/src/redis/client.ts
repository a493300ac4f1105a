import { createClient } from "redis";

import { secretValues } from "../config/secret-file.ts";
import type { RedisSettings } from "../config/settings.ts";
import type { Logger } from "../ops/log.ts";

export type Redis = ReturnType<typeof makeRedis>;

/** A visitor waits: without Redis a call fails at once. Nobody waits for a worker: its calls give Redis five seconds to come back. */
export type Patience = "visitor" | "worker";

/** Longer than the ten seconds for which BullMQ lets Redis say nothing while there are no jobs. */
const SILENCE_MS = 15_000;

export function makeRedis(settings: RedisSettings, log: Logger, patience: Patience, silenceMs = SILENCE_MS) {
  const pingInterval = silenceMs / 3;
  const client = createClient({
    // What BullMQ's adapter is written for.
    RESP: 2,
    // Asked at each new connection, so a password that is rotated needs no restart.
    credentialsProvider: {
      type: "async-credentials-provider",
      credentials: async () => ({ username: settings.user, password: secretValues(settings.passwordFile)[0] ?? "" }),
    },
    socket: {
      host: settings.host,
      port: settings.port,
      connectTimeout: 2_000,
      // With the pings, notices a peer that vanished without a word, also one that takes a connection and then says nothing.
      socketTimeout: silenceMs,
      keepAlive: true,
      reconnectStrategy: (retries) => Math.min(100 * 2 ** retries, 2_000),
    },
    pingInterval,
    disableOfflineQueue: patience === "visitor",
  });
  let said = "";
  client.on("error", (error: Error) => {
    // One line for each new reason, and not one for each attempt.
    if (error.message !== said) log.warn({ err: error }, "Redis does not answer");
    said = error.message;
  });
  client.on("ready", () => {
    if (said !== "") log.info("Redis answers again");
    said = "";
  });
  // A worker's client writes nothing more before it is answered, and its blocked one answers no ping meanwhile.
  if (patience === "visitor") watch(client, pingInterval);
  return client;
}

/** Each write begins a socket's timeout anew: one that is asked all the time would be waited for until the kernel gives up. */
function watch(client: Redis, pingInterval: number): void {
  let unanswered = 0;
  let timer: NodeJS.Timeout | undefined;
  client.on("ping-interval", () => (unanswered = 0));
  client.on("end", () => clearInterval(timer));
  client.on("ready", () => {
    unanswered = 0;
    clearInterval(timer);
    timer = setInterval(() => {
      if (!client.isReady || ++unanswered <= 3) return;
      client.destroy();
      client.connect().catch(() => {}); // its error is an event as well
    }, pingInterval).unref();
  });
}

/** Rejects after `ms`: a server that accepts connections and then says nothing would hold the caller for ever. */
export async function within<Result>(ms: number, what: string, work: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} did not answer within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
