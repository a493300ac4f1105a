import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { auditProject } from "@breakwater/engine/audit";
import { readProject } from "@breakwater/engine/read-project";

import { BOOT_DEFECTS } from "./boot.ts";
import { type Files, STATIC_DEFECTS } from "./static.ts";

const CLI = join(import.meta.dirname, "../../apps/create-breakwater/bin/create-breakwater.mjs");
const work = mkdtempSync(join(tmpdir(), "breakwater-defects-"));
const good = join(work, "shop");

// Windows keeps no executable bit on disk.
const defects = STATIC_DEFECTS.filter(({ caughtBy }) => caughtBy !== "exec-bit" || process.platform !== "win32");

const audit = (dir: string) => {
  const read = readProject(dir);
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  const { findings, problems } = auditProject(read.input);
  expect(problems).toEqual([]);
  return findings;
};

function filesOf(dir: string): Files {
  const change = (path: string, to: (text: string) => string) => {
    const before = readFileSync(join(dir, path), "utf8");
    const after = to(before);
    expect(after, `the defect does not apply to ${path}`).not.toBe(before);
    writeFileSync(join(dir, path), after);
  };
  return {
    patch: (path, from, to) => change(path, (text) => text.replace(from, to)),
    add: (path, more) => change(path, (text) => text + more),
    chmod: (path, mode) => chmodSync(join(dir, path), mode),
  };
}

describe("seeded defects that need no engine", () => {
  beforeAll(() => {
    execFileSync(process.execPath, [CLI, good, "--stack", "django-postgres", "--yes", "--no-git"]);
    execFileSync("git", ["init", "-q"], { cwd: good });
  });
  afterAll(() => rmSync(work, { recursive: true, force: true }));

  it("PLAT-5 the project as scaffolded has no finding", () => expect(audit(good)).toEqual([]));

  it.each(defects)("$id: $breaks, caught by $caughtBy", ({ id, caughtBy, apply }) => {
    const dir = join(work, id);
    cpSync(good, dir, { recursive: true });
    apply(filesOf(dir));
    expect(audit(dir).map(({ code }) => code)).toContain(caughtBy);
    rmSync(dir, { recursive: true });
  });
});

it("docs/controls.md tells of every defect, and none of them was missed (pnpm test:defects --write)", () => {
  const page = readFileSync(join(import.meta.dirname, "../../docs/controls.md"), "utf8");
  const told = [...page.matchAll(/^\| `([^`]+)` \|/gm)].map(([, id]) => id);
  expect(told).toEqual([...BOOT_DEFECTS, ...STATIC_DEFECTS].map(({ id }) => id));
  expect(page).not.toMatch(/MISSED|DOES NOT APPLY|NOT BOOTED|NO SUCH TEST/);
});
