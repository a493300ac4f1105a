#!/usr/bin/env node
// Boots what we scaffold on a Docker engine and proves it. pnpm test:e2e [--stack ID] [-- vitest arguments]
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { planOf, SECONDS, STACKS } from "./turns.mjs";

const here = dirname(fileURLToPath(import.meta.url));
// Nothing this repository runs reports home.
process.env.TURBO_TELEMETRY_DISABLED = "1";
const root = join(here, "../..");
const args = process.argv.slice(2).filter((arg) => arg !== "--");

if (args.includes("--help")) {
  console.log(
    "pnpm test:e2e [--stack ID] [vitest arguments]\n\nBoots the production files of each stack and runs the conformance suite: what no change may break on every stack, and of the long tests\nthose whose turn it is (test/e2e/turns.mjs). With --stack all of one stack; with E2E_FULL=1 everything, some hours.\nNeeds a Docker engine with Compose 2.24.4 or newer, which test/e2e/engine/install installs on Debian 12, and Chromium for the pages.",
  );
  process.exit(0);
}

const at = args.indexOf("--stack");
const one = at === -1 ? undefined : args.splice(at, 2)[1];
if (at !== -1 && !STACKS.includes(one)) {
  console.error(`no such stack in the boot suite: ${one ?? ""}. One of: ${STACKS.join(", ")}`);
  process.exit(2);
}
const full = process.env.E2E_FULL === "1" || args.length > 0 || one !== undefined;
const commits = Number(spawnSync("git", ["rev-list", "--count", "HEAD"], { cwd: root, encoding: "utf8" }).stdout) || 0;
const { files, left } = planOf(commits, full ? Infinity : SECONDS);
const stacks = one === undefined ? STACKS : [one];

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
if (left.length > 0)
  console.log(
    `Left for the runs of other commits, by turns; E2E_FULL=1 takes all:\n${left.map((turn) => `  ${turn.stack} ${turn.files.join(" ")}\n`).join("")}`,
  );

const report = process.env.BREAKWATER_REPORT_E2E ?? join(here, ".work/report.json");
mkdirSync(dirname(report), { recursive: true });
writeFileSync(report, JSON.stringify({ stacks }));
const failed = stacks.filter((stack) => {
  // Without arguments the files by name, so that one that is in no turn is not run by chance; with arguments vitest's own choice.
  const chosen = full ? args : files.get(stack).map((file) => `suite/${file}.test.ts`);
  const ran = spawnSync("pnpm", ["exec", "vitest", "run", "--config", "test/e2e/vitest.config.ts", ...chosen], {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, STACK: stack, BREAKWATER_REPORT_E2E: report.replace(/\.json$/, `-${stack}.json`) },
  });
  return ran.status !== 0;
});
if (failed.length > 0) console.error(`red: ${failed.join(", ")}`);
process.exit(failed.length > 0 ? 1 : 0);
