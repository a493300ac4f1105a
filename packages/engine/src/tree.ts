import { type Owner, type Problem, ProblemError } from "@breakwater/model";

/** A file as it will stand in the project. */
export interface TreeFile {
  /** Relative, forward slashes, no `..`. */
  readonly path: string;
  readonly content: string | Uint8Array;
  readonly executable: boolean;
  readonly owner: Owner;
  /** Who made it: `emit/compose`, `parts/redis: ops/x.hbs`. */
  readonly origin: string;
}

/** Path → file, sorted by path; two origins never meet in one path. */
export type FileTree = ReadonlyMap<string, TreeFile>;

/**
 * Puts files together to a tree. Throws a `ProblemError` with `path-collision` when two origins claim one path
 * (also when they differ in case alone: macOS and Windows would lose one), `path-unsafe` for a path that
 * leaves the project or that some platform cannot hold.
 */
export function buildTree(files: readonly TreeFile[]): FileTree {
  const problems: Problem[] = [];
  const tree = new Map<string, TreeFile>();
  const folded = new Map<string, TreeFile>();
  for (const file of files.toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))) {
    const unsafe = unsafeReason(file.path);
    if (unsafe !== undefined)
      problems.push({
        code: "path-unsafe",
        at: file.origin,
        message: `'${file.path}' ${unsafe}`,
        hint: "use a relative path with forward slashes inside the project",
      });
    const other = folded.get(file.path.toLowerCase());
    if (other !== undefined)
      problems.push({
        code: "path-collision",
        at: file.origin,
        message: `${file.path} comes from ${other.origin} and from ${file.origin}`,
        hint: "one path, one origin: rename or drop one of them",
      });
    folded.set(file.path.toLowerCase(), file);
    tree.set(file.path, file);
  }
  for (const path of tree.keys()) {
    for (let parent = parentOf(path); parent !== ""; parent = parentOf(parent)) {
      const file = folded.get(parent.toLowerCase());
      if (file !== undefined)
        problems.push({
          code: "path-collision",
          at: file.origin,
          message: `${parent} is a file (${file.origin}) and a folder (${path})`,
          hint: "one path, one origin: rename one of them",
        });
    }
  }
  if (problems.length > 0) throw new ProblemError(problems);
  return tree;
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

function unsafeReason(path: string): string | undefined {
  if (path === "" || path.startsWith("/") || /^[A-Za-z]:/.test(path)) return "is not relative";
  if (path.includes("\\")) return "has a backslash";
  const segments = path.split("/");
  if (segments.some((segment) => segment === "" || segment === "." || segment === "..")) return "leaves or repeats a folder";
  if (segments[0]?.toLowerCase() === ".git") return "is inside .git";
  if (segments.some((segment) => /[\u0000-\u001f<>:"|?*]/.test(segment) || /[. ]$/.test(segment))) return "cannot be stored on every platform";
  return undefined;
}

/** The bytes of a file, as they are written and hashed. */
export function bytesOf(file: Pick<TreeFile, "content">): Uint8Array {
  return typeof file.content === "string" ? new TextEncoder().encode(file.content) : file.content;
}
