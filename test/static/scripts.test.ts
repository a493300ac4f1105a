import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";

const CLI = join(import.meta.dirname, "../../apps/create-breakwater/bin/create-breakwater.mjs");
const shellcheck = spawnSync("shellcheck", ["--version"]).status === 0;

describe("the scaffolded scripts", () => {
  let dir = "";
  let scripts: readonly string[] = [];
  beforeAll(() => {
    dir = join(mkdtempSync(join(tmpdir(), "breakwater-static-")), "shop");
    execFileSync(process.execPath, [CLI, dir, "--stack", "django-postgres", "--yes", "--no-git", "--set", "monitoring=true"]);
    const files = JSON.parse(readFileSync(join(dir, ".breakwater/files.json"), "utf8")).files as Record<string, { executable?: boolean }>;
    scripts = Object.keys(files).filter((path) => files[path]?.executable === true && /^#!.*bash/.test(readFileSync(join(dir, path), "utf8")));
  });

  it("there are scripts for every job", () => {
    for (const job of [
      "preflight",
      "up",
      "down",
      "secrets",
      "tls",
      "isolation",
      "instance",
      "health",
      "doctor",
      "logs",
      "pin",
      "backup",
      "backup-status",
      "drill",
      "restore",
      "alerts",
    ])
      expect(scripts).toContain(`ops/${job}`);
  });

  it("ops/README.md names each script but those of an option, which its page in docs/operations names; and no other", () => {
    const jobs = scripts.filter((path) => /^ops\/[a-z-]+$/.test(path));
    const named = [...readFileSync(join(dir, "ops/README.md"), "utf8").matchAll(/^\| `(ops\/[a-z-]+)` \|/gm)].map((row) => row[1] ?? "");
    const pages = readdirSync(join(dir, "docs/operations")).map((page) => readFileSync(join(dir, "docs/operations", page), "utf8"));
    expect(named.filter((job) => !jobs.includes(job))).toEqual([]);
    expect(jobs.filter((job) => !named.includes(job) && !pages.some((page) => page.includes(job)))).toEqual([]);
    expect(named.length).toBeGreaterThanOrEqual(20);
  });

  it.skipIf(process.platform === "win32")("each has --help, and refuses an unknown option with 2", () => {
    for (const script of scripts.filter((path) => path.startsWith("ops/"))) {
      const help = spawnSync("bash", [join(dir, script), "--help"], { encoding: "utf8" });
      expect([script, help.status]).toEqual([script, 0]);
      expect(help.stdout.toLowerCase(), script).toContain("usage");
      expect(spawnSync("bash", [join(dir, script), "--no-such-option"]).status, script).toBe(2);
    }
  });

  // .ci/run installs shellcheck; elsewhere the run says that it did not look.
  it.skipIf(!shellcheck)("shellcheck finds nothing", () => {
    const ran = spawnSync("shellcheck", ["-x", ...scripts], { cwd: dir, encoding: "utf8" });
    expect(ran.stdout).toBe("");
    expect(ran.status).toBe(0);
  });

  it.skipIf(process.platform === "win32")("HARD-4 ops/secrets makes what is missing, keeps what is there, and tells no value", () => {
    const run = (...args: string[]) => spawnSync("bash", [join(dir, "ops/secrets"), ...args], { cwd: dir, encoding: "utf8" });
    expect(run("init").status).toBe(0);
    const before = readFileSync(join(dir, "secrets/redis_password"), "utf8");
    expect(before).toMatch(/^[0-9a-f]{64}$/);
    const again = run("init");
    const list = run("list");
    expect([again.status, list.status]).toEqual([0, 0]);
    expect(readFileSync(join(dir, "secrets/redis_password"), "utf8")).toBe(before);
    expect(again.stdout + list.stdout).not.toContain(before);
    expect(readFileSync(join(dir, "secrets/redis_acl"), "utf8")).not.toContain(before);
  });
});

// With pipefail the writer's SIGPIPE is the pipe's verdict: the answer then depends on who was faster.
it("no script reads a pipe only until it knows enough", () => {
  const templates = join(import.meta.dirname, "../../templates");
  const scripts = readdirSync(templates, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /[\\/]files([\\/]|$)/.test(entry.parentPath))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => /^#.*\b(?:sh|bash)\b/.test(readFileSync(path, "utf8").split("\n", 1)[0] ?? ""));
  expect(scripts.length).toBeGreaterThan(80);
  const early = /\|\s*(?:head\b|grep -[A-Za-z]*q|sed (?:-n )?'?[^'|]*\bq\b|awk [^\n]*[;{] *exit *\}')/;
  const found = scripts.flatMap((path) =>
    readFileSync(path, "utf8")
      .split("\n")
      .flatMap((line, at) =>
        early.test(line) && !line.trimStart().startsWith("#") ? [`${path.slice(templates.length + 1)}:${at + 1} ${line.trim()}`] : [],
      ),
  );
  expect(found).toEqual([]);
});
