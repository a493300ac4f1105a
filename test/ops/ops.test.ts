import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";

const bats = join(dirname(createRequire(import.meta.url).resolve("bats/package.json")), "bin/bats");
const files = readdirSync(import.meta.dirname).filter((name) => name.endsWith(".bats"));

// The scripts run on hosts of Docker engines, and the tests stand on Linux's /proc.
describe.skipIf(process.platform !== "linux").concurrent("the scripts of ops/, each in a project of its own, without an engine", () => {
  for (const file of files)
    it(
      file,
      async () => {
        const child = spawn("bash", [bats, "--tap", join(import.meta.dirname, file)]);
        let said = "";
        child.stdout.on("data", (chunk: Buffer) => (said += chunk.toString()));
        child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
        const code = await new Promise((done) => child.on("close", done));
        const lines = said.split("\n");
        const planned = Number(/^1\.\.(\d+)$/m.exec(said)?.[1] ?? "-1");
        expect(
          lines.filter((line) => line.startsWith("not ok")),
          said,
        ).toEqual([]);
        expect(lines.filter((line) => /^ok \d+ (?!.*# skip)/.test(line)).length, said).toBe(planned);
        expect(code, said).toBe(0);
        // Each starts some hundred processes, all files at once.
      },
      400_000,
    );
});
