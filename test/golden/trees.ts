import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { bytesOf, type Generated } from "@breakwater/engine";

/** A file of a golden tree. The path is the one below `trees/`. */
interface GoldenFile {
  readonly bytes: Uint8Array;
  readonly executable: boolean;
}

export type Golden = ReadonlyMap<string, GoldenFile>;

export interface Difference {
  readonly path: string;
  readonly kind: "missing" | "stale" | "bytes" | "mode";
  readonly message: string;
}

/**
 * What a golden tree holds of a project: everything that was emitted or rendered. A file that is copied byte for byte
 * *is* the template; its hash stands in the golden `.breakwater/files.json`.
 */
export function goldenOf(folder: string, { plan, tree }: Generated): Golden {
  const copied = new Set(plan.files.filter((file) => !file.source.endsWith(".hbs")).map((file) => file.path));
  const made = [...tree.values()].filter((file) => !copied.has(file.path));
  return new Map(made.map((file) => [`${folder}/${storedAs(file.path)}`, { bytes: bytesOf(file), executable: file.executable }]));
}

// Git, test runners and pnpm act on such names wherever they lie: a .gitignore would hide its neighbours from this repository,
// an x.test.ts would be run by it, a package.json would be a package of it. Under a suffix they are text.
const ACTED_ON = /^\.|\.(?:test|spec)\.|^package\.json$/;

export function storedAs(path: string): string {
  return ACTED_ON.test(basename(path)) ? `${path}.golden` : path;
}

/** Everything that lies below a folder, whoever put it there. */
export function readGolden(root: string): Golden {
  const found = new Map<string, GoldenFile>();
  const walk = (folder: string): void => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) walk(path);
      else found.set(path, readFile(join(root, path)));
    }
  };
  if (existsSync(root)) walk("");
  return found;
}

function readFile(file: string): GoldenFile {
  const stat = lstatSync(file);
  // A link is followed by nobody: what it points to may be right today.
  if (!stat.isFile()) return { bytes: Buffer.from("(no regular file)\n"), executable: false };
  return { bytes: readFileSync(file), executable: (stat.mode & 0o111) !== 0 };
}

/** How the disk differs from what is generated now, by path; both maps may be cut down to one pick. */
export function compareGolden(generated: Golden, disk: Golden): readonly Difference[] {
  const paths = [...new Set([...generated.keys(), ...disk.keys()])].toSorted();
  return paths.flatMap((path): Difference[] => {
    const now = generated.get(path);
    const then = disk.get(path);
    if (now === undefined) return [{ path, kind: "stale", message: `${path}: stale, nothing generates it any more` }];
    if (then === undefined) return [{ path, kind: "missing", message: `${path}: generated, but there is no golden file` }];
    if (!Buffer.from(now.bytes).equals(then.bytes)) return [{ path, kind: "bytes", message: firstDifference(path, now.bytes, then.bytes) }];
    // Windows has no such bit.
    if (process.platform === "win32" || now.executable === then.executable) return [];
    return [{ path, kind: "mode", message: `${path}: generated ${modeWord(now)}, golden is ${modeWord(then)}` }];
  });
}

function firstDifference(path: string, now: Uint8Array, then: Uint8Array): string {
  const [nowLines, thenLines] = [now, then].map((bytes) => Buffer.from(bytes).toString("utf8").split("\n"));
  const at = (nowLines ?? []).findIndex((line, index) => line !== thenLines?.[index]);
  const line = at === -1 ? (nowLines?.length ?? 0) : at;
  const shown = (lines: readonly string[] | undefined): string => JSON.stringify(lines?.[line] ?? "(end of file)");
  return `${path}:${line + 1}: golden    ${shown(thenLines)}\n${" ".repeat(path.length)}  generated ${shown(nowLines)}`;
}

function modeWord(file: GoldenFile): string {
  return file.executable ? "executable" : "not executable";
}

/** Makes the disk equal to what is generated, stale files and emptied folders included. */
export function writeGolden(root: string, generated: Golden, differences: readonly Difference[]): void {
  for (const { path, kind } of differences) {
    const file = generated.get(path);
    const target = join(root, path);
    if (kind !== "missing") rmSync(target);
    if (file === undefined) removeEmpty(dirname(target), root);
  }
  for (const { path } of differences) {
    const file = generated.get(path);
    if (file === undefined) continue;
    const target = join(root, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, file.bytes);
    chmodSync(target, file.executable ? 0o755 : 0o644);
  }
}

function removeEmpty(folder: string, root: string): void {
  if (folder === root || readdirSync(folder).length > 0) return;
  rmdirSync(folder);
  removeEmpty(dirname(folder), root);
}
