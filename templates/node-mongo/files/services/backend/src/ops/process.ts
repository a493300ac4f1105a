import { ConfigurationError } from "../config/environment.ts";
import { type Logger, makeLog } from "./log.ts";

/** Runs an entry point: a wrong setting or an unforeseen error is one line of the log, and an end with code 1. */
export async function start(main: (log: Logger) => Promise<void>): Promise<void> {
  // Before the settings are read: what is wrong with them is said in the log's own form.
  const { SERVICE_NAME, APP_VERSION, LOG_LEVEL } = process.env;
  const log = makeLog({ service: SERVICE_NAME || "backend", version: APP_VERSION || "dev", logLevel: LOG_LEVEL || "INFO" });
  const end = (err: unknown): never => {
    if (err instanceof ConfigurationError) log.fatal(err.message);
    else log.fatal({ err }, "ending: nobody caught this error");
    process.exit(1);
  };
  process.on("uncaughtException", end);
  process.on("unhandledRejection", end);
  // Deprecations and the like would be plain text on stderr.
  process.removeAllListeners("warning");
  process.on("warning", (warning) => log.warn({ err: warning }, "a warning of Node"));
  await main(log).catch(end);
}

/** The first SIGTERM or SIGINT; a second one changes nothing, since Docker sends SIGKILL in the end. */
export function untilStopped(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => resolve(signal));
  });
}
