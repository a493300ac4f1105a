import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { parse } from "yaml";

import { BOOT_DEFECTS } from "../defects/boot.ts";

const root = join(import.meta.dirname, "../..");
const textsBelow = (dir: string, ending: string): readonly (readonly [string, string])[] =>
  readdirSync(join(root, dir), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(ending) && !path.includes("node_modules"))
    .map((path) => [path, readFileSync(join(root, dir, path), "utf8")] as const);

interface Manifest {
  readonly controls?: readonly { readonly id: string; readonly test: string }[];
}

const suite = (): string =>
  textsBelow("test/e2e/suite", ".test.ts")
    .map(([, text]) => text)
    .join("\n");

// A control whose test was given another name proves nothing, and says in every project that it does.
it("PLAT-5 each control of a stack or a part names a test of the boot suite", () => {
  const titles = suite();
  const named = textsBelow("templates", ".yaml").flatMap(([path, text]) =>
    /^controls:/m.test(text) ? ((parse(text) as Manifest).controls ?? []).map(({ id, test }) => ({ where: `${path} ${id}`, test })) : [],
  );
  expect(named.length).toBeGreaterThan(50);
  expect(named.filter(({ test }) => !titles.includes(test))).toEqual([]);
});

// Without it a defect is broken for nothing: no test runs, and none is red.
it("PLAT-5 each defect for a running stack names a test of the boot suite", () => {
  const text = suite();
  /** What titles with a place for a value begin with. */
  const heads = [...text.matchAll(/\)\(\s*["`]([^"`%$]{8,}?)(?:%[sd]|\$\{)/g)].map(([, head = ""]) => head);
  expect(heads.length).toBeGreaterThan(3);
  expect(
    BOOT_DEFECTS.filter(({ caughtBy }) => !text.includes(caughtBy) && !heads.some((head) => caughtBy.startsWith(head))).map(({ id }) => id),
  ).toEqual([]);
});
