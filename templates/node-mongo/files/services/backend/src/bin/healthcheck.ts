/** Container health check: node src/bin/healthcheck.ts backend|worker. Runs every few seconds, so it imports next to nothing. */
import { heartbeatPath, secondsSinceHeartbeat } from "../ops/heartbeat.ts";

/** The worker touches its file every 5 s: three missed beats are a failure. */
const MAX_AGE_SECONDS = 15;

async function checkBackend(): Promise<readonly [boolean, string]> {
  const url = `http://127.0.0.1:${process.env["PORT"] || "8000"}/api/v1/health/`;
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(6_000) });
    return [response.ok, `${response.status} ${await response.text()}`];
  } catch (error) {
    return [false, `no answer from ${url}: ${String((error as Error).cause ?? error)}`];
  }
}

function checkWorker(): readonly [boolean, string] {
  const age = secondsSinceHeartbeat(heartbeatPath(process.env["HEARTBEAT_DIR"] || "/tmp", "worker"));
  if (age === null) return [false, "worker: no heartbeat, not connected or not running yet"];
  return [age <= MAX_AGE_SECONDS, `worker: last heartbeat ${Math.round(age)} s ago`];
}

const role = process.argv[2];
if (role !== "backend" && role !== "worker") {
  process.stderr.write("usage: node src/bin/healthcheck.ts backend|worker\n");
  process.exit(2);
}
const [healthy, message] = role === "backend" ? await checkBackend() : checkWorker();
process.stdout.write(`${message}\n`);
process.exit(healthy ? 0 : 1);
