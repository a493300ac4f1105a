// pnpm test: builds the CLI, then every test that needs no engine, no network and no root.
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

// Nothing this repository runs reports home.
process.env.TURBO_TELEMETRY_DISABLED = "1";
const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const run = (args, env = {}) => {
  const ran = spawnSync("pnpm", ["exec", ...args], {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, ...env },
    shell: process.platform === "win32",
  });
  if (ran.status !== 0) process.exit(ran.status ?? 1);
};
const extra = process.argv.slice(2).filter((arg) => arg !== "--");
const report = process.env.BREAKWATER_REPORT;
if (extra.length === 0) {
  run(["turbo", "run", "typecheck", "--output-logs=errors-only"]);
  run(["oxfmt", "--check"]);
  run(["oxlint"]);
  run(["knip"]);
  run(["turbo", "boundaries"]);
}
run(["turbo", "run", "build", "--output-logs=errors-only"]);
run(["vitest", "run", ...(report === undefined ? [] : ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`]), ...extra]);
