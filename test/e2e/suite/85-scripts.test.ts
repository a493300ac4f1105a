import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { describe, it } from "vitest";

import { run } from "../lib/run.ts";

const e2e = join(import.meta.dirname, "..");
const bats = join(dirname(createRequire(import.meta.url).resolve("bats/package.json")), "bin/bats");
const LONG = { timeout: 600_000 };

// Side by side: they mostly wait, and know nothing of each other.
describe.concurrent("what the suite itself stands on", () => {
  it("the images hold the contract of the official ones", LONG, async ({ expect }) => {
    const ran = await run(join(e2e, "images/test"), [], LONG);
    expect(ran.out + ran.err).toMatch(/\n\d+ passed, 0 failed\n$/);
    expect(ran.code).toBe(0);
  });

  it("the scripts of ops/ against a real engine, on a project with nginx in every role", LONG, async ({ expect }) => {
    const ran = await run("bash", [bats, "--tap", join(e2e, "ops/engine.bats")], LONG);
    const planned = Number(/^1\.\.(\d+)$/m.exec(ran.out)?.[1] ?? "-1");
    expect(ran.out.split("\n").filter((line) => /^ok \d+ (?!.*# skip)/.test(line)).length, ran.out + ran.err).toBe(planned);
    expect(ran.code).toBe(0);
  });
});
