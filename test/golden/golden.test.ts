import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { generateProject } from "@breakwater/engine";
import { compileTemplate } from "@breakwater/engine/compile";
import { loadCatalog } from "@breakwater/engine/node";
import { NAME_MAX, parseAnswers } from "@breakwater/model";

import { covers, pairsOf } from "./pairs.ts";
import { dimensionsOf, type Pick, picksOf } from "./picks.ts";
import { compareGolden, type Golden, goldenOf, readGolden, writeGolden } from "./trees.ts";

const TREES = join(import.meta.dirname, "trees");
const catalog = loadCatalog(join(import.meta.dirname, "../../templates"));
const stacks = Object.keys(catalog.stacks);
const folderOf = ({ id, answers }: Pick): string => `${answers.stack}/${id}`;
const picks = stacks.flatMap((stack) => picksOf(catalog, stack));
const generated: Golden = new Map(picks.flatMap((pick) => [...goldenOf(folderOf(pick), generate(pick))]));

// `pnpm golden` sets the variable. What was written is then compared like any other run.
if (process.env["UPDATE_GOLDEN"] === "1") {
  const differences = compareGolden(generated, readGolden(TREES));
  writeGolden(TREES, generated, differences);
  const stale = differences.filter(({ kind }) => kind === "stale").length;
  console.log(
    `golden: ${differences.length - stale} files written, ${stale} stale ones removed, ${generated.size} in all. Next: git diff test/golden`,
  );
}
const disk = readGolden(TREES);
const NEXT = "\nIf that is what you meant: pnpm golden rewrites the trees, and git diff test/golden shows what changed.";

function generate({ answers }: Pick) {
  return generateProject(catalog, answers, {
    renderer: (_, source) => compileTemplate(source),
    sha256: (bytes) => createHash("sha256").update(bytes).digest("hex"),
  });
}

function below(golden: Golden, folder: string): Golden {
  return new Map([...golden].filter(([path]) => path.startsWith(`${folder}/`)));
}

function expectNone(lines: readonly string[], next = NEXT): void {
  expect(lines, `${lines.join("\n")}${next}`).toEqual([]);
}

describe.each(stacks)("golden trees of %s", (stack) => {
  const own = picksOf(catalog, stack);

  it.each(own.map((pick) => [pick.id, pick] as const))("%s", (_, pick) => {
    const folder = folderOf(pick);
    expectNone(compareGolden(below(generated, folder), below(disk, folder)).map(({ message }) => message));
  });

  it("the picks are answers, and every pair of values meets in one of them", () => {
    for (const { answers } of own) expect(parseAnswers(catalog, answers)).toEqual({ ok: true, answers });
    expect(new Set(own.map(({ id }) => id)).size).toBe(own.length);
    expect(Math.max(...own.map(({ answers }) => answers.name.length))).toBe(NAME_MAX);
    const rows = own.map(({ answers }) => ({ ...answers.options, name: answers.name }));
    expect(pairsOf(dimensionsOf(catalog, stack)).filter((pair) => !rows.some((row) => covers(row, pair)))).toEqual([]);
  });
});

describe("test/golden/trees", () => {
  it("holds no tree that nothing generates", () => {
    const stale = compareGolden(generated, disk).filter(({ kind }) => kind === "stale");
    expectNone(stale.map(({ message }) => message));
  });

  const inGit = spawnSync("git", ["rev-parse", "--is-inside-work-tree"], { cwd: import.meta.dirname }).status === 0;
  it.skipIf(!inGit)("git ignores nothing of it, and takes no file of it for its own", () => {
    const paths = [...disk.keys()];
    expect(paths.filter((path) => /(^|\/)\.git(ignore|attributes|modules)$/.test(path))).toEqual([]);
    const ignored = spawnSync("git", ["check-ignore", "--stdin"], { cwd: TREES, input: paths.join("\n"), encoding: "utf8" });
    expectNone(ignored.stdout.split("\n").filter(Boolean), "\ngit would leave these out: change the rule in .gitignore that matches.");
  });
});
