import { execFileSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const CLI = join(import.meta.dirname, "../../apps/create-breakwater/bin/create-breakwater.mjs");
const PNPM = "pnpm@12";

/** Scaffolds a stack and builds its frontend. WALK_FRONTEND=DIR takes one that has its dependencies already. */
export function builtFrontend(stack: string, set: readonly string[]): string {
  const given = process.env["WALK_FRONTEND"];
  const dir = given ?? scaffolded(stack, set);
  const dist = mkdtempSync(join(tmpdir(), "breakwater-dist-"));
  execFileSync(join(dir, "node_modules/.bin/vite"), ["build", "--outDir", dist], { cwd: dir, stdio: "pipe" });
  return dist;
}

function scaffolded(stack: string, set: readonly string[]): string {
  const dir = join(mkdtempSync(join(tmpdir(), "breakwater-walk-")), "shop");
  execFileSync(process.execPath, [CLI, dir, "--stack", stack, "--yes", "--no-git", ...set.flatMap((one) => ["--set", one])]);
  const frontend = join(dir, "services/frontend");
  execFileSync("npx", ["-y", PNPM, "install", "--frozen-lockfile"], { cwd: frontend, stdio: "pipe" });
  return frontend;
}
