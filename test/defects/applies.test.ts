import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";

import { Project } from "../e2e/lib/project.ts";
import { ANSWERS } from "./apply.ts";
import { BOOT_DEFECTS } from "./boot.ts";

const CLI = join(import.meta.dirname, "../../apps/create-breakwater/bin/create-breakwater.mjs");
const work = mkdtempSync(join(tmpdir(), "breakwater-applies-"));
const made = new Map<string, string>();

/** The project that a defect is for, scaffolded once. */
function projectOf(stack: string, on: string | undefined): string {
  const key = `${stack}-${on ?? "main"}`;
  const there = made.get(key) ?? join(work, key);
  if (!made.has(key)) {
    const set = (ANSWERS[on ?? ""] ?? []).flatMap((answer) => ["--set", answer]);
    execFileSync(process.execPath, [CLI, there, "--stack", stack, "--yes", "--no-git", ...set]);
    made.set(key, there);
  }
  return there;
}

// Seeding them on a running stack takes hours; that the text they break is still there shows at once.
describe("defects for a running stack", () => {
  afterAll(() => rmSync(work, { recursive: true, force: true }));

  it.each(BOOT_DEFECTS)("PLAT-5 $id still has something to break", ({ stack, on, apply }) => {
    const dir = join(work, "one");
    cpSync(projectOf(stack ?? "django-postgres", on), dir, { recursive: true });
    try {
      expect(() => apply(Project.at(dir, "one", { http: 29_000, https: 29_443 }))).not.toThrow();
    } finally {
      rmSync(dir, { recursive: true });
    }
  });

  it("PLAT-5 each project of their own is one that is known", () => {
    expect(BOOT_DEFECTS.filter(({ on }) => on !== undefined && !(on in ANSWERS)).map(({ id }) => id)).toEqual([]);
  });
});
