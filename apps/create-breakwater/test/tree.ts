import { expect } from "vitest";

import { treeOf } from "./cli.ts";

/** Fails with the paths that differ in content, mode or presence; the bytes themselves would fill the screen. */
export function expectSameTree(actual: string, wanted: string): void {
  const [a, b] = [treeOf(actual), treeOf(wanted)];
  // Two empty folders are the same too, and prove nothing.
  expect(Object.keys(b)).toEqual(expect.arrayContaining([".breakwater/answers.yaml", ".breakwater/files.json", "compose.yaml"]));
  const paths = [...new Set([...Object.keys(a), ...Object.keys(b)])].toSorted();
  const said = paths.flatMap((path) => {
    if (a[path] === b[path]) return [];
    if (a[path] === undefined) return [`missing ${path}`];
    return [`${b[path] === undefined ? "extra" : "differs"} ${path}`];
  });
  expect(said).toEqual([]);
}
