import { appendFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";

import { cli, folder } from "./cli.ts";

const check = (args: readonly string[], cwd: string) => cli(["check", ...args], { cwd, bin: "breakwater.mjs" });
const SOFT = "services:\n  db:\n    image: postgres:latest\n    ports:\n      - 5432:5432\n";

describe("check", () => {
  const cwd = folder();
  beforeAll(async () => {
    expect((await cli(["shop", "--stack", "django-postgres", "--yes", "--no-git"], { cwd })).code).toBe(0);
  });

  it("a project as scaffolded is clean, also with --strict, and says what was looked at", async () => {
    const ran = await check(["shop", "--strict"], cwd);
    expect(ran.code, ran.out).toBe(0);
    expect(ran.out).toMatch(/^0 errors, 0 warnings/);
    expect(ran.err).toContain("compose.yaml + compose.production.yaml (production)\n  compose.yaml + compose.override.yaml (development)");
    expect((await check([], join(cwd, "shop"))).code).toBe(0);
    expect((await cli(["check", "-C", "shop"], { cwd, bin: "create-breakwater.mjs" })).code).toBe(0);
  });

  it("findings name file, line, rule and mend, and end with 3", async () => {
    mkdirSync(join(cwd, "soft"));
    writeFileSync(join(cwd, "soft/docker-compose.yml"), SOFT);
    const ran = await check(["soft"], cwd);
    expect(ran.code).toBe(3);
    expect(ran.out).toContain("docker-compose.yml:3: error: db: postgres:latest moves");
    expect(ran.out).toMatch(/docker-compose\.yml:5: error: .*\[published-port\]\n {4}"127\.0\.0\.1:5432:5432"/);
    expect(ran.out).toMatch(/\n\d+ errors, \d+ warnings\n$/);
  });

  it("--json is one document with findings, configurations and what is allowed", async () => {
    const { code, out, err } = await check(["soft", "--json"], cwd);
    const document = JSON.parse(out) as { ok: boolean; findings: { code: string; at: string; severity: string; hint: string }[] };
    expect([code, err, document.ok]).toEqual([3, "", false]);
    expect(document.findings).toContainEqual(expect.objectContaining({ code: "image-unpinned", at: "docker-compose.yml:3", severity: "error" }));
    const clean = JSON.parse((await check(["shop", "--json"], cwd)).out) as { ok: boolean; allowed: { code: string }[] };
    expect([clean.ok, clean.allowed.map((one) => one.code)]).toEqual([true, ["secret-in-command"]]);
  });

  it("--file chooses the configuration; warnings alone end with 0, with --strict with 3", async () => {
    const dir = join(cwd, "chosen");
    mkdirSync(dir);
    const hard = `services:
  a:
    image: app:1.0
    user: "1:1"
    read_only: true
    cap_drop: [ALL]
    security_opt: [no-new-privileges:true]
    healthcheck: {test: [CMD, ask]}
    deploy: {resources: {limits: {cpus: "1", memory: 1M, pids: 9}}}
`;
    writeFileSync(join(dir, "stack.yml"), hard);
    expect((await check(["chosen"], cwd)).code).toBe(1);
    expect((await check(["chosen", "-f", "stack.yml"], cwd)).code).toBe(0);
    expect((await check(["chosen", "-f", "stack.yml", "--strict"], cwd)).code).toBe(3);
    writeFileSync(join(dir, "more.yml"), "services: {a: {restart: always, logging: {driver: local}}}\n");
    expect((await check(["chosen", "-f", "stack.yml", "-f", "more.yml", "--strict"], cwd)).code).toBe(0);
  });

  it("what cannot be read: no folder, no Compose file, broken YAML, a damaged record, an unknown flag", async () => {
    expect((await check(["nowhere"], cwd)).err).toContain("[project-missing]");
    mkdirSync(join(cwd, "empty"));
    expect((await check(["empty"], cwd)).err).toContain("[compose-missing]");
    writeFileSync(join(cwd, "empty/compose.yaml"), "services:\n  a: {image: [}\n");
    const broken = await check(["empty"], cwd);
    expect([broken.code, broken.err]).toEqual([1, expect.stringMatching(/compose\.yaml:2: .*\[yaml-invalid\]/)]);
    writeFileSync(join(cwd, "empty/compose.yaml"), SOFT);
    mkdirSync(join(cwd, "empty/.breakwater"));
    writeFileSync(join(cwd, "empty/.breakwater/plan.json"), '{"format": 7}');
    expect((await check(["empty"], cwd)).err).toContain("[record-invalid]");
    const flag = await check(["shop", "--strcit"], cwd);
    expect([flag.code, flag.err]).toEqual([2, expect.stringContaining("--strict")]);
    expect((await check(["shop", "--help"], cwd)).out).toContain("Allowing one");
  });

  it("nothing is written", async () => {
    appendFileSync(join(cwd, "shop/compose.yaml"), "# mine\n");
    const before = Date.now();
    await check(["shop"], cwd);
    const { readdirSync, statSync } = await import("node:fs");
    for (const name of readdirSync(join(cwd, "shop"), { recursive: true }) as string[])
      expect(statSync(join(cwd, "shop", name)).mtimeMs, name).toBeLessThanOrEqual(before);
    rmSync(cwd, { recursive: true });
  });
});
