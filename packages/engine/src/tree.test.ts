import { describe, expect, it } from "vitest";
import { ProblemError } from "@breakwater/model";

import { buildTree, type TreeFile } from "./tree.ts";

const file = (path: string, origin = "a"): TreeFile => ({ path, origin, content: "", executable: false, owner: "you" });
const codes = (...files: TreeFile[]): readonly string[] => {
  try {
    buildTree(files);
    return [];
  } catch (error) {
    return (error as ProblemError).problems.map((problem) => problem.code);
  }
};

describe("buildTree", () => {
  it("sorts by path", () => {
    expect([...buildTree([file("b"), file("a/c")]).keys()]).toEqual(["a/c", "b"]);
  });
  it.each(["../x", "/x", "a/../b", "a//b", "C:/x", "a\\b", ".git/hooks/x", "a\u0000", "con:", "x.", ""])("refuses the path %j", (path) => {
    expect(codes(file(path))).toContain("path-unsafe");
  });
  it("names both origins of a collision, letters of another case included", () => {
    expect(codes(file("a", "one"), file("A", "two"))).toEqual(["path-collision"]);
    expect(() => buildTree([file("a", "one"), file("a", "two")])).toThrow(/one.*two/);
  });
  it("a file cannot be a folder too", () => {
    expect(codes(file("a"), file("a/b"))).toEqual(["path-collision"]);
  });
});
