import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

const RUN = join(import.meta.dirname, "../play/run.mjs");
const work = mkdtempSync(join(tmpdir(), "breakwater-play-"));
const folder = join(work, "django-postgres");
const play = (...args: readonly string[]) =>
  spawnSync(process.execPath, [RUN, "--no-build", "--stack", "django-postgres", ...args], {
    encoding: "utf8",
    env: { ...process.env, BREAKWATER_PLAY_DIR: work },
  });
const mark = join(folder, "of-the-last-play");
const project = () => ({
  stays: existsSync(mark),
  left: existsSync(join(work, ".django-postgres.new")) || existsSync(join(work, ".django-postgres.old")),
});

describe("pnpm play", () => {
  beforeAll(() => {
    expect(play().status).toBe(0);
  });
  beforeEach(() => writeFileSync(mark, ""));
  afterAll(() => rmSync(work, { recursive: true }));

  it("scaffolds afresh what an earlier play wrote, with the creator's arguments, and says what is next", () => {
    const ran = play("--set", "tls=intermediate");
    expect([ran.status, ran.stderr]).toEqual([0, ""]);
    expect(ran.stdout).toMatch(/Wrote .*django-postgres\n\nNext:\n {2}cd .*\n {2}ops\/up /);
    expect(readFileSync(join(folder, ".breakwater/answers.yaml"), "utf8")).toMatch(/name: play-django-postgres\n[^]*tls: intermediate/);
    expect(project()).toEqual({ stays: false, left: false });
  });

  it.each([
    ["a refused answer", ["--set", "tls=nope"], 2, /option-invalid/],
    ["a dry run", ["--dry-run"], 0, /^$/],
    ["an unknown stack", ["--stack", "../elsewhere"], 1, /no stack '\.\.\/elsewhere'[^]*--stack django-postgres/],
    ["--help", ["--help"], 0, /^$/],
  ] as const)("%s leaves the last play as it was", (_, args, code, said) => {
    const ran = play(...args);
    expect(ran.status).toBe(code);
    expect(ran.stderr).toMatch(said);
    expect(project()).toEqual({ stays: true, left: false });
  });

  it.each([".env", "secrets", "tls", "instances"])("%s of a project that may run is not lost without --force", (name) => {
    mkdirSync(join(folder, name));
    const refused = play();
    expect([refused.status, refused.stdout]).toEqual([1, ""]);
    expect(refused.stderr).toMatch(new RegExp(`holds ${name.replace(".", "\\.")} [^]*next: .*ops/down --volumes --yes, then pnpm play .*--force`));
    expect(project()).toEqual({ stays: true, left: false });
    expect(play("--force").status).toBe(0);
    expect([project().stays, existsSync(join(folder, name))]).toEqual([false, false]);
  });

  it("what play did not write stays, --force or not", () => {
    rmSync(join(folder, ".breakwater"), { recursive: true });
    const refused = play("--force");
    expect(refused.status).toBe(1);
    expect(refused.stderr).toMatch(/was not written by play[^]*next: mv /);
    expect(project()).toEqual({ stays: true, left: false });
    rmSync(folder, { recursive: true });
    expect(play().status).toBe(0);
  });

  it.skipIf(process.platform === "win32")("a link to somewhere else is not followed", () => {
    rmSync(folder, { recursive: true });
    const elsewhere = mkdtempSync(join(work, "elsewhere-"));
    mkdirSync(join(elsewhere, ".breakwater"));
    writeFileSync(join(elsewhere, ".breakwater/files.json"), "{}");
    symlinkSync(elsewhere, folder);
    expect(play("--force").status).toBe(1);
    expect(existsSync(join(elsewhere, ".breakwater/files.json"))).toBe(true);
    rmSync(folder);
    mkdirSync(folder);
  });
});
