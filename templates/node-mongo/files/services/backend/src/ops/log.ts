import { type DestinationStream, type Logger, pino, stdTimeFunctions } from "pino";

import { currentRequestId } from "./request-context.ts";

const REDACTED = "[redacted]";
const SENSITIVE_KEY = /pass(word|wd|phrase)|secret|token|cookie|authorization|api_?key|credential/i;
// user:password@ in URLs, then key=value and "key": "value" in free text.
const SENSITIVE_TEXT: readonly (readonly [RegExp, string])[] = [
  [/(:\/\/[^:/@\s]*):[^@/\s]+@/g, `$1:${REDACTED}@`],
  [
    /\b((?:[a-z_]*(?:password|passwd|secret|token)|api_?key|cookie|authorization)["']?\s*[=:]\s*["']?)(?:(?:bearer|basic)\s+)?[^\s"',;&}]+/gi,
    `$1${REDACTED}`,
  ],
];
const LEVELS: Readonly<Record<string, string>> = { DEBUG: "debug", INFO: "info", WARNING: "warn", ERROR: "error" };
const MAX_DEPTH = 5;

export const redactText = (text: string): string =>
  SENSITIVE_TEXT.reduce((result, [pattern, replacement]) => result.replace(pattern, replacement), text);

function redact(value: unknown, depth = 0): unknown {
  if (typeof value === "string") return redactText(value);
  if (value instanceof Error) return redactText(value.message);
  if (typeof value !== "object" || value === null || value instanceof Date) return value;
  if (depth === MAX_DEPTH) return "[deep]";
  if (Array.isArray(value)) return value.map((item) => redact(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, SENSITIVE_KEY.test(key) ? REDACTED : redact(item, depth + 1)]),
  );
}

/** An error is its message and its stack, as two plain fields. */
function plain(fields: Record<string, unknown>): Record<string, unknown> {
  const { err, ...rest } = fields;
  const result = redact(rest) as Record<string, unknown>;
  if (!(err instanceof Error)) return err === undefined ? result : { ...result, error: redact(err) };
  return { ...result, error: redactText(err.message), stack: redactText(err.stack ?? "") };
}

export interface LogSettings {
  readonly service: string;
  readonly version: string;
  readonly logLevel: string;
}

/** One JSON object a line on stdout: the same fields as nginx and the frontend write. */
export function makeLog({ service, version, logLevel }: LogSettings, destination?: DestinationStream): Logger {
  return pino(
    {
      level: LEVELS[logLevel] ?? "info",
      base: { service, version },
      messageKey: "message",
      timestamp: () => stdTimeFunctions.isoTime().replace('"time"', '"timestamp"'),
      mixin: () => ({ request_id: currentRequestId() }),
      // What the caller says of request_id and duration_ms wins over what stands here.
      mixinMergeStrategy: (own, mixed) => ({ ...mixed, duration_ms: null, ...own }),
      formatters: {
        level: (label) => ({ level: label === "warn" ? "warning" : label === "fatal" ? "critical" : label }),
        log: plain,
      },
      hooks: {
        logMethod(args, method) {
          method.apply(this, args.map((arg) => (typeof arg === "string" ? redactText(arg) : arg)) as typeof args);
        },
      },
    },
    // Written before the process goes on: the last line before an end is the one that matters.
    destination ?? pino.destination({ dest: 1, sync: true }),
  );
}

export type { Logger };
