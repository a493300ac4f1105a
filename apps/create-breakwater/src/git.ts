import { spawnSync } from "node:child_process";
import type { FileTree } from "@breakwater/engine";

/**
 * `git init` and a first commit, unless the folder is inside a repository already. Nothing of the user's hooks,
 * templates or signing runs, and nothing is committed but what was written: the folder may have held other files. Whatever fails is a warning: the project is written either way.
 */
export function startHistory(target: string, tree: FileTree, written: readonly string[]): readonly string[] {
  const environment = Object.fromEntries(
    Object.entries(process.env).filter(([key]) => !/^GIT_(DIR|WORK_TREE|INDEX_FILE|OBJECT_DIRECTORY|COMMON_DIR)$/.test(key)),
  );
  const git = (...args: string[]) =>
    spawnSync("git", ["-c", "core.autocrlf=false", "-c", "commit.gpgsign=false", "-c", "core.hooksPath=/dev/null", ...args], {
      cwd: target,
      env: environment,
      encoding: "utf8",
    });
  const inside = git("rev-parse", "--is-inside-work-tree");
  if (inside.error !== undefined) return ["git is not installed, so there is no first commit. Next: git init && git add -A && git commit"];
  if (inside.status === 0) return [];
  const steps: readonly (readonly string[])[] = [
    ["init", "--quiet", "--initial-branch=main", "--template="],
    // --force: an ignore file that stood here before must not thin out the project.
    ["add", "--force", "--", ...written],
    ["update-index", "--chmod=+x", ...written.filter((path) => tree.get(path)?.executable === true)],
    ["commit", "--quiet", "--no-verify", "--message", "Scaffold the project with Breakwater"],
  ];
  for (const step of steps) {
    const ran = git(...step);
    if (ran.status !== 0) return [`git ${step[0]} failed: ${firstLine(ran.stderr)}. The project is whole; commit it when you like.`];
  }
  return [];
}

function firstLine(text: string | null): string {
  return (
    (text ?? "")
      .trim()
      .split("\n")
      .find((line) => line !== "" && !line.startsWith("***"))
      ?.trim() ?? "no reason was given"
  );
}
