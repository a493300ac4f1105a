import { closeSync, openSync, rmSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";

/** A file that a working process touches and its health check looks at. */
export const heartbeatPath = (dir: string, role: string): string => join(dir, `${role}.heartbeat`);

export function beatHeart(path: string): void {
  closeSync(openSync(path, "a"));
  const now = new Date();
  utimesSync(path, now, now);
}

export const stopHeart = (path: string): void => rmSync(path, { force: true });

export function secondsSinceHeartbeat(path: string): number | null {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat === undefined ? null : Math.max(0, (Date.now() - stat.mtimeMs) / 1000);
}
