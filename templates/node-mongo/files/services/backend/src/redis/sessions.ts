import { createHash, randomBytes } from "node:crypto";

import { type Redis, within } from "./client.ts";

export interface Session {
  readonly userId: string;
  /** Of the user at sign-in: see User.sessionEpoch. */
  readonly epoch: number;
  readonly csrf: string;
}

export interface Sessions {
  /** The token that goes into the cookie. */
  open(session: Session): Promise<string>;
  find(token: string): Promise<Session | null>;
  end(token: string): Promise<void>;
}

const TIMEOUT_MS = 3_000;

export const randomToken = (): string => randomBytes(32).toString("base64url");

/** Redis holds only the hash: whoever reads it, or a backup of it, cannot sign in with what is there. */
const keyOf = (token: string): string => `session:${createHash("sha256").update(token).digest("hex")}`;

export function redisSessions(redis: Redis, seconds: number): Sessions {
  return {
    async open(session) {
      const token = randomToken();
      await within(TIMEOUT_MS, "Redis", redis.set(keyOf(token), JSON.stringify(session), { expiration: { type: "EX", value: seconds } }));
      return token;
    },
    async find(token) {
      // Reading it makes it last: a session ends after so long without a request.
      const text = await within(TIMEOUT_MS, "Redis", redis.getEx(keyOf(token), { type: "EX", value: seconds }));
      return text === null ? null : (JSON.parse(text) as Session);
    },
    async end(token) {
      await within(TIMEOUT_MS, "Redis", redis.del(keyOf(token)));
    },
  };
}
