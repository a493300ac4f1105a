import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { edgeAlone } from "../lib/edge-alone.ts";
import { Project } from "../lib/project.ts";
import { run } from "../lib/run.ts";
import { stackUnderTest } from "../stacks.ts";

const stack = stackUnderTest();
const tool = join(import.meta.dirname, "../.work/tools/testssl.sh");
const program = join(tool, "usr/bin/testssl");

interface Line {
  readonly id: string;
  readonly severity: string;
  readonly finding: string;
}

// test/e2e/fetch testssl.sh brings it, and .ci/run calls that; elsewhere the run says that it did not look.
describe.skipIf(!existsSync(program))("testssl.sh on the running edge, with the project's CA added", () => {
  let lines: readonly Line[] = [];
  let project: Project | undefined;
  afterAll(() => project?.destroy());
  beforeAll(async () => {
    // A real name: on localhost HSTS is kept short, which costs the plus.
    project = await edgeAlone(Project.open(stack.instance, stack.ports), stack, { DOMAIN: "localhost,app.example.com" });
    const report = join(tool, "report.json");
    rmSync(report, { force: true });
    // It wants a program that looks up names, even when it is told to look up none.
    const noNames = join(tool, "no-names");
    mkdirSync(noNames, { recursive: true });
    writeFileSync(join(noNames, "host"), "#!/bin/sh\nexit 1\n", { mode: 0o755 });
    const flags = "--quiet --color 0 --warnings batch --nodns none --ip 127.0.0.1".split(" ");
    const address = `https://app.example.com:${stack.edgePorts.https}/health`;
    const argv = [program, ...flags, "--add-ca", join(project.dir, "tls/ca.crt"), "--jsonfile", report, address];
    const ran = await run("bash", argv, {
      env: { PATH: `${process.env["PATH"] ?? ""}:${noNames}`, TESTSSL_INSTALL_DIR: join(tool, "etc/testssl") },
      timeout: 800_000,
    });
    if (!existsSync(report)) throw new Error(`testssl ended with ${ran.code}\n${ran.out.slice(-3000)}${ran.err.slice(-3000)}`);
    lines = JSON.parse(readFileSync(report, "utf8")) as Line[];
  });
  const finding = (id: string) => lines.find((line) => line.id === id)?.finding;

  it("PROD-7 testssl gives A+", () => {
    console.log(`testssl: ${finding("overall_grade")}, score ${finding("final_score")}, ${finding("FS_KEMs") ?? "no KEM"}`);
    expect(finding("overall_grade")).toBe("A+");
  });

  it("PROD-7 testssl finds nothing but that a CA of one's own names no list of revoked certificates", () => {
    const found = lines.filter((line) => /^(WARN|LOW|MEDIUM|HIGH|CRITICAL|FATAL)$/.test(line.severity));
    // These two say what could not be tried: with the openssl of this machine, and with TLS 1.3 alone.
    const ofTheEdge = found.filter((line) => !["engine_problem", "NPN"].includes(line.id));
    expect(ofTheEdge.map((line) => `${line.id} ${line.severity}: ${line.finding}`)).toEqual([
      expect.stringMatching(/^cert_revocation HIGH: Neither CRL nor OCSP URI provided/),
    ]);
  });
});
