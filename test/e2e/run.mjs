#!/usr/bin/env node
// Boots what we scaffold on a Docker engine and proves it. pnpm test:e2e [--stack ID] [-- vitest arguments]
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
// Nothing this repository runs reports home.
process.env.TURBO_TELEMETRY_DISABLED = "1";
const root = join(here, "../..");
const args = process.argv.slice(2).filter((arg) => arg !== "--");

if (args.includes("--help")) {
  console.log(
    "pnpm test:e2e [--stack ID] [vitest arguments]\n\nBoots the production files of each stack and runs the conformance suite.\nNeeds a Docker engine with Compose 2.24.4 or newer; test/e2e/engine/install installs one on Debian 12.",
  );
  process.exit(0);
}

const at = args.indexOf("--stack");
const stacks = at === -1 ? ["django-postgres"] : args.splice(at, 2).slice(1);

// Each boots a project of its own for an option, three to eight minutes. One of the shorter a run, in turn by the number of the commit, keeps
// a run within three quarters of an hour; E2E_FULL=1, the scheduled run, takes all of them.
const SHORT = ["66-backup-s3", "68-pitr"];
const OPTIONS = [...SHORT, "75-pgbouncer", "95-monitoring", "96-log-shipping", "97-vault"];
const commits = Number(spawnSync("git", ["rev-list", "--count", "HEAD"], { cwd: root, encoding: "utf8" }).stdout) || 0;
const turn = SHORT[commits % SHORT.length];
const left = process.env.E2E_FULL === "1" || args.length > 0 ? [] : OPTIONS.filter((file) => file !== turn);
if (left.length > 0) console.log(`of the options ${turn} in this run; E2E_FULL=1 takes ${left.join(", ")} as well`);

const engine = spawnSync("docker", ["info", "--format", "{{.ServerVersion}}"], { encoding: "utf8" });
const compose = spawnSync("docker", ["compose", "version", "--short"], { encoding: "utf8" });
if (engine.status !== 0 || compose.status !== 0) {
  console.error(`The boot suite needs a Docker engine with the Compose plugin (2.24.4 or newer).
  engine:  ${engine.status === 0 ? engine.stdout.trim() : "none answers (docker info)"}
  compose: ${compose.status === 0 ? compose.stdout.trim() : "not there (docker compose version)"}
On Debian 12, as root: test/e2e/engine/install`);
  process.exit(1);
}

const must = (command, argv, env = {}) => {
  const ran = spawnSync(command, argv, { cwd: root, stdio: "inherit", env: { ...process.env, ...env } });
  if (ran.status !== 0) process.exit(ran.status ?? 1);
};
must(join(here, "images/build"), []);
must("pnpm", ["exec", "turbo", "run", "build", "--output-logs=errors-only"]);
for (const stack of stacks)
  must(
    "pnpm",
    ["exec", "vitest", "run", "--config", "test/e2e/vitest.config.ts", ...left.flatMap((file) => ["--exclude", `**/${file}.test.ts`]), ...args],
    { STACK: stack },
  );
