import type { Logger } from "../ops/log.ts";
import { within } from "../redis/client.ts";

export type Checks = Readonly<Record<string, () => Promise<unknown>>>;

export interface Health {
  readonly healthy: boolean;
  readonly body: string;
}

const DEADLINE_MS = 2_000;

/** "ok", "failed" or "timeout" of each, asked side by side. */
export async function collectHealth(checks: Checks, version: string, log: Logger): Promise<Health> {
  const results = await Promise.all(Object.entries(checks).map(async ([name, check]) => [name, await ask(name, check, log)] as const));
  const failed = results.filter(([, state]) => state !== "ok").map(([name]) => name);
  const healthy = failed.length === 0;
  const facts = {
    status: healthy ? "healthy" : "unhealthy",
    ...Object.fromEntries(results),
    version,
    ...(healthy ? {} : { failed: failed.toSorted() }),
  };
  return { healthy, body: spaced(facts) };
}

async function ask(name: string, check: () => Promise<unknown>, log: Logger): Promise<string> {
  try {
    await within(DEADLINE_MS, name, check());
    return "ok";
  } catch (err) {
    // The reason goes to the log: host names and drivers' messages are not for clients.
    log.warn({ err }, `health check of the ${name} failed`);
    return err instanceof Error && err.message.includes("did not answer within") ? "timeout" : "failed";
  }
}

/** With a blank after each colon, as all stacks write it: people and scripts look for "status": "healthy". */
const spaced = (facts: Readonly<Record<string, unknown>>): string =>
  `{${Object.entries(facts)
    .map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`)
    .join(", ")}}`;
