import { createHash } from "node:crypto";

import type { Priority } from "./ticket.ts";
import { wordsOf } from "./words.ts";

/** What can be said of a ticket by reading it. Pure: no database, no clock. */
export interface Assessment {
  readonly labels: readonly string[];
  readonly urgency: Priority;
  readonly wordCount: number;
  readonly bodySha256: string;
}

const LABELS: Readonly<Record<string, readonly string[]>> = {
  access: ["login", "password", "account", "locked", "permission", "permissions", "denied", "signin"],
  billing: ["invoice", "payment", "refund", "charge", "charged", "price", "billing"],
  data: ["backup", "restore", "lost", "missing", "duplicate", "export", "import"],
  defect: ["error", "bug", "crash", "crashes", "broken", "fails", "failed", "exception"],
  performance: ["slow", "timeout", "timeouts", "latency", "hangs", "performance"],
};
const URGENT = new Set(["urgent", "asap", "outage", "down", "emergency", "security", "breach", "immediately"]);
const CALM = new Set(["whenever", "someday", "minor", "cosmetic", "typo", "question", "idea"]);

export function assess(title: string, body: string): Assessment {
  const words = new Set(wordsOf(`${title} ${body}`));
  const has = (wanted: Iterable<string>): boolean => [...wanted].some((word) => words.has(word));
  return {
    labels: Object.keys(LABELS).filter((label) => has(LABELS[label] ?? [])),
    urgency: has(URGENT) ? "high" : has(CALM) ? "low" : "normal",
    wordCount: body.match(/[\p{L}\p{N}]+(?:['’-][\p{L}\p{N}]+)*/gu)?.length ?? 0,
    bodySha256: createHash("sha256").update(body).digest("hex"),
  };
}
