#!/usr/bin/env node
// For this repository only: `pnpm start …` and `pnpm breakwater …` build the CLI when it is missing or old, then run it
// in the folder the caller stands in.
import { spawn, spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
// Nothing this repository runs reports home.
process.env.TURBO_TELEMETRY_DISABLED = "1";
const root = join(here, "../../..");
const build = spawnSync("pnpm", ["exec", "turbo", "run", "build", "--output-logs=errors-only", "--no-color"], {
  cwd: root,
  encoding: "utf8",
  shell: process.platform === "win32",
});
if (build.status !== 0) {
  process.stderr.write(`${build.stdout ?? ""}${build.stderr ?? ""}The build failed. Next: pnpm exec turbo run build\n`);
  process.exit(1);
}

const args = process.argv.slice(2).filter((arg, index) => !(arg === "--" && index <= 1));
const child = spawn(process.execPath, [join(here, "breakwater.mjs"), ...args], { cwd: process.env.INIT_CWD ?? process.cwd(), stdio: "inherit" });
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
child.on("exit", (code, signal) => process.exit(code ?? (signal === "SIGINT" ? 130 : 143)));
