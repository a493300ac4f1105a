import { lstatSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Problem, ProblemError } from "@breakwater/model";

import type { Existing } from "../changes.ts";
import type { FileTree } from "../tree.ts";

/**
 * What stands at the paths of a tree. A symbolic link anywhere on the way is refused (`target-symlink`):
 * following it would write outside the project.
 */
export function readExisting(target: string, tree: FileTree): ReadonlyMap<string, Existing> {
  const found = new Map<string, Existing>();
  const problems: Problem[] = [];
  const seen = new Map<string, boolean>();
  for (const path of tree.keys()) {
    if (leadsThroughLink(target, path, seen)) {
      problems.push({
        code: "target-symlink",
        at: join(target, path),
        message: "a symbolic link stands in the way",
        hint: "remove the link, or choose another folder",
      });
      continue;
    }
    const stat = lstatSync(join(target, path), { throwIfNoEntry: false });
    if (stat !== undefined) found.set(path, stat.isFile() ? { kind: "file", content: readFileSync(join(target, path)) } : { kind: "other" });
  }
  const blocked = [...found].filter(([, existing]) => existing.kind === "other");
  problems.push(
    ...blocked.map(([path]): Problem => ({
      code: "target-not-file",
      at: join(target, path),
      message: "something that is no file stands here",
      hint: "move it away",
    })),
  );
  if (problems.length > 0) throw new ProblemError(problems);
  return found;
}

function leadsThroughLink(target: string, path: string, seen: Map<string, boolean>): boolean {
  const segments = path.split("/");
  return segments.some((_, index) => {
    const part = segments.slice(0, index + 1).join("/");
    const known = seen.get(part) ?? lstatSync(join(target, part), { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
    seen.set(part, known);
    return known;
  });
}
