import { createClient } from "redis";

import { secretValues } from "../config/secret-file.ts";
import type { RedisSettings } from "../config/settings.ts";
import type { Logger } from "../ops/log.ts";

export type Redis = ReturnType<typeof makeRedis>;

/** A visitor waits: without Redis a call fails at once. A worker does not: its calls wait for Redis to come back. */
export type Patience = "visitor" | "worker";

export function makeRedis(settings: RedisSettings, log: Logger, patience: Patience) {
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
      keepAlive: true,
      reconnectStrategy: (retries) => Math.min(100 * 2 ** retries, 2_000),
    },
    // Notices a peer that vanished without a word.
    pingInterval: 5_000,
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
  return client;
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
