import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";

import { compareGolden, type Golden, goldenOf, readGolden, storedAs, writeGolden } from "./trees.ts";

const work = mkdtempSync(join(tmpdir(), "breakwater-golden-"));
afterAll(() => rmSync(work, { recursive: true }));

const file = (text: string, executable = false) => ({ bytes: Buffer.from(text), executable });
const generated: Golden = new Map([
  ["one/pick/a.txt", file("a\nb\n")],
  ["one/pick/run", file("#!/bin/sh\n", true)],
  ["one/pick/.gitignore.golden", file("*\n")],
]);

function fresh(name: string): string {
  const root = join(work, name);
  writeGolden(root, generated, compareGolden(generated, new Map()));
  return root;
}

/** Each defect, what is said about it, and where Windows cannot have it. */
const DEFECTS: readonly (readonly [string, (root: string) => void, RegExp])[] = [
  ["a changed byte", (root) => writeFileSync(join(root, "one/pick/a.txt"), "a\nc\n"), /^one\/pick\/a\.txt:2: golden {4}"c"\n\s+generated "b"$/],
  ["a missing line end", (root) => writeFileSync(join(root, "one/pick/a.txt"), "a\nb"), /^one\/pick\/a\.txt:3: /],
  ["a missing file", (root) => rmSync(join(root, "one/pick/a.txt")), /^one\/pick\/a\.txt: generated, but there is no golden file$/],
  ["a stale file", (root) => writeFileSync(join(root, "one/pick/b.txt"), ""), /^one\/pick\/b\.txt: stale/],
  ["a stale pick", (root) => writeIn(join(root, "one/gone"), "a.txt"), /^one\/gone\/a\.txt: stale/],
  ["a stale stack", (root) => writeIn(join(root, "gone/pick/docs"), "a.md"), /^gone\/pick\/docs\/a\.md: stale/],
];
const LINUX_DEFECTS: typeof DEFECTS = [
  ["a lost mode", (root) => chmodSync(join(root, "one/pick/run"), 0o644), /^one\/pick\/run: generated executable, golden is not executable$/],
  ["a mode too many", (root) => chmodSync(join(root, "one/pick/a.txt"), 0o755), /^one\/pick\/a\.txt: generated not executable/],
  ["a link to the right bytes", (root) => relink(root), /^one\/pick\/a\.txt:1: golden {4}"\(no regular file\)"/],
];

function writeIn(folder: string, name: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), "");
}

function relink(root: string): void {
  writeFileSync(join(work, "elsewhere"), "a\nb\n");
  rmSync(join(root, "one/pick/a.txt"));
  symlinkSync(join(work, "elsewhere"), join(root, "one/pick/a.txt"));
}

describe("golden trees on disk", () => {
  it("what was written is equal", () => {
    expect(compareGolden(generated, readGolden(fresh("equal")))).toEqual([]);
  });

  it.each(process.platform === "win32" ? DEFECTS : [...DEFECTS, ...LINUX_DEFECTS])("%s is found, and a rewrite mends it", (name, seed, said) => {
    const root = fresh(name);
    seed(root);
    const differences = compareGolden(generated, readGolden(root));
    expect(differences).toHaveLength(1);
    expect(differences[0]?.message).toMatch(said);
    writeGolden(root, generated, differences);
    expect(compareGolden(generated, readGolden(root))).toEqual([]);
    expect([existsSync(join(root, "gone")), existsSync(join(root, "one/gone"))]).toEqual([false, false]);
  });

  it("a name that git or a test runner acts on gets a suffix", () => {
    const names = [".gitignore", "a/.gitattributes", "a/.env.example", "a/x.test.ts", "services/a/package.json", "a.github/b.yml"];
    expect(names.map(storedAs)).toEqual([...names.slice(0, 5).map((name) => `${name}.golden`), "a.github/b.yml"]);
  });

  it("a copied file is not repeated, a rendered one and an emitted one are held", () => {
    const tree = ["copied", "rendered", "emitted"].map((path) => ({ path, content: "", executable: false, owner: "you" as const, origin: "x" }));
    const files = ["copied", "rendered"].map((path) => ({
      origin: "x",
      path,
      source: path === "rendered" ? "rendered.hbs" : path,
      owner: "you" as const,
    }));
    const of = { plan: { files }, tree: new Map(tree.map((one) => [one.path, one])) } as unknown as Parameters<typeof goldenOf>[1];
    expect([...goldenOf("one/pick", of).keys()]).toEqual(["one/pick/rendered", "one/pick/emitted"]);
  });
});
