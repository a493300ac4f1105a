import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";

const e2e = join(import.meta.dirname, "..");
const bats = join(dirname(createRequire(import.meta.url).resolve("bats/package.json")), "bin/bats");

describe("what the suite itself stands on", () => {
  it("the images hold the contract of the official ones", () => {
    const ran = spawnSync(join(e2e, "images/test"), { encoding: "utf8" });
    expect(ran.stdout + ran.stderr).toMatch(/\n\d+ passed, 0 failed\n$/);
    expect(ran.status).toBe(0);
  }, 600_000);

  it("the scripts of ops/ against a real engine, on a project with nginx in every role", () => {
    const ran = spawnSync("bash", [bats, "--tap", join(e2e, "ops/engine.bats")], { encoding: "utf8" });
    const planned = Number(/^1\.\.(\d+)$/m.exec(ran.stdout)?.[1] ?? "-1");
    expect(ran.stdout.split("\n").filter((line) => /^ok \d+ (?!.*# skip)/.test(line)).length, ran.stdout + ran.stderr).toBe(planned);
    expect(ran.status).toBe(0);
  }, 600_000);
});
