import {
  accessSync,
  closeSync,
  constants,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmdirSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { type Problem, ProblemError } from "@breakwater/model";
import fse from "fs-extra";

import { diffTree } from "../changes.ts";
import { bytesOf, type FileTree, type TreeFile } from "../tree.ts";
import { problemOfError } from "./problem-of-error.ts";
import { readExisting } from "./read-existing.ts";

export type OnConflict = "error" | "merge" | "overwrite";

export interface WriteResult {
  readonly written: readonly string[];
  readonly same: readonly string[];
  /** Differing files that `merge` left as they were. */
  readonly kept: readonly string[];
}

/** What a write would do to each path, without doing it. */
export interface PlannedChange {
  readonly path: string;
  readonly action: "add" | "same" | "keep" | "replace";
}

/** Looks at the target as `writeProject` would, and refuses what it would refuse. */
export function planChanges({ target, tree, onConflict }: Omit<WriteOptions, "onPhase">): readonly PlannedChange[] {
  const state = checkTarget(target, onConflict);
  const actions = { add: "add", same: "same", conflict: onConflict === "overwrite" ? "replace" : "keep" } as const;
  if (state !== "filled") return [...tree.keys()].map((path) => ({ path, action: "add" }));
  return diffTree(tree, readExisting(target, tree), bytesOf).map(({ kind, file }) => ({ path: file.path, action: actions[kind] }));
}

export interface WriteOptions {
  readonly target: string;
  readonly tree: FileTree;
  readonly onConflict: OnConflict;
  /** Called before each phase; it may throw to stop the run. */
  readonly onPhase?: (phase: "stage" | "sync" | "rename") => void;
}

/**
 * Brings a tree to disk so that a stop at any moment leaves the target as it was or whole: everything is
 * written to a sibling of the target, synced, and renamed. A target that holds something is refused
 * (`target-not-empty`) unless `merge` (adds what is missing, keeps what differs) or `overwrite` (replaces
 * files of the tree, deletes nothing) was asked for; then file after file is renamed into place.
 * Problems: `target-not-empty`, `target-symlink`, `target-not-folder`, and those of the disk (`disk-full`, `not-permitted`…).
 */
export function writeProject(options: WriteOptions): WriteResult {
  const { target, tree, onConflict } = options;
  const state = checkTarget(target, onConflict);
  const made = makeParents(dirname(target));
  const within = state === "empty" && mustStay(target);
  const stage = join(within ? target : dirname(target), `.${basename(target)}.breakwater-${process.pid}`);
  const moved: string[] = [];
  const undo = (): void => {
    for (const path of moved) fse.removeSync(path);
    fse.removeSync(stage);
    for (const folder of made.toReversed()) removeIfEmpty(folder);
  };
  const stop = (signal: NodeJS.Signals): void => {
    undo();
    process.exit(signal === "SIGINT" ? 130 : signal === "SIGHUP" ? 129 : 143);
  };
  for (const signal of SIGNALS) process.on(signal, stop);
  try {
    removeStale(within ? target : dirname(target), target);
    const changes =
      state === "filled" ? diffTree(tree, readExisting(target, tree), bytesOf) : [...tree.values()].map((file) => ({ kind: "add" as const, file }));
    const wanted = changes
      .filter((change) => change.kind === "add" || (change.kind === "conflict" && onConflict === "overwrite"))
      .map((change) => change.file);
    options.onPhase?.("stage");
    mkdirSync(stage);
    const folders = new Set([stage]);
    for (const file of wanted) stageFile(stage, file, folders);
    options.onPhase?.("sync");
    syncFolder(stage);
    options.onPhase?.("rename");
    if (within) for (const name of readdirSync(stage)) moved.push(moveEntry(stage, target, name));
    else if (state === "filled") for (const file of wanted) moveInto(stage, target, file);
    else renameSync(stage, target);
    moved.length = 0;
    syncFolder(dirname(target));
    if (within || state === "filled") fse.removeSync(stage);
    return {
      written: wanted.map((file) => file.path),
      same: changes.filter((change) => change.kind === "same").map((change) => change.file.path),
      kept: changes.filter((change) => change.kind === "conflict" && onConflict === "merge").map((change) => change.file.path),
    };
  } catch (error) {
    undo();
    throw error instanceof ProblemError ? error : new ProblemError([problemOfError(error, target)]);
  } finally {
    for (const signal of SIGNALS) process.off(signal, stop);
  }
}

/**
 * An empty folder that cannot be replaced in one rename: somebody stands in it, it is a mount, or its parent is not ours.
 * It is filled entry by entry: a SIGKILL in those few milliseconds can leave a part, which the next run refuses.
 */
function mustStay(target: string): boolean {
  try {
    if (realpathSync(target) === realpathSync(process.cwd()) || lstatSync(target).dev !== lstatSync(dirname(target)).dev) return true;
    accessSync(dirname(target), constants.W_OK);
    return false;
  } catch {
    return true;
  }
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Looks at a target before anything is done: `target-not-empty`, `target-symlink`, `target-not-folder` are thrown. */
export function checkTarget(target: string, onConflict: OnConflict): "missing" | "empty" | "filled" {
  const state = stateOf(target);
  if (state === "filled" && onConflict === "error")
    throw problem(
      "target-not-empty",
      target,
      "the folder exists and is not empty",
      "choose another name, or --on-conflict merge to see and keep what is there",
    );
  return state;
}

function stateOf(target: string): "missing" | "empty" | "filled" {
  try {
    const stat = lstatSync(target);
    if (stat.isSymbolicLink())
      throw problem("target-symlink", target, "the target is a symbolic link", `name the folder itself: ${realpathOr(target)}`);
    if (!stat.isDirectory()) throw problem("target-not-folder", target, "something that is no folder has this name", "choose another name");
    return readdirSync(target).every((name) => isStale(name, target)) ? "empty" : "filled";
  } catch (error) {
    if (error instanceof ProblemError) throw error;
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT") return "missing";
    throw new ProblemError([problemOfError(error, target)]);
  }
}

function realpathOr(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** Makes the folders above the target and gives those it made, topmost first. */
function makeParents(dir: string): readonly string[] {
  const missing: string[] = [];
  for (let at = dir; !fse.pathExistsSync(at) && dirname(at) !== at; at = dirname(at)) missing.unshift(at);
  try {
    // One by one: a recursive mkdir spins for ever where the kernel answers ENOENT to every mkdir (/proc).
    for (const folder of missing) mkdirSync(folder);
  } catch (error) {
    for (const folder of missing.toReversed()) removeIfEmpty(folder);
    throw new ProblemError([problemOfError(error, dir)]);
  }
  return missing;
}

function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // It holds something by now, or is gone: either way it is not ours to remove.
  }
}

/** Takes away what a killed run of the same target left: its process is gone, so nobody needs it. */
function removeStale(folder: string, target: string): void {
  for (const name of readdirSync(folder)) if (isStale(name, target)) fse.removeSync(join(folder, name));
}

/** The name of a staging folder of this target whose process is gone. */
function isStale(name: string, target: string): boolean {
  const prefix = `.${basename(target)}.breakwater-`;
  const pid = Number(name.startsWith(prefix) ? name.slice(prefix.length) : Number.NaN);
  return Number.isInteger(pid) && pid !== process.pid && !isAlive(pid);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function stageFile(stage: string, file: TreeFile, folders: Set<string>): void {
  const path = join(stage, file.path);
  makeFolder(dirname(path), folders);
  const descriptor = openSync(path, "wx", file.executable ? 0o755 : 0o644);
  try {
    const bytes = bytesOf(file);
    for (let at = 0; at < bytes.length;) at += writeSync(descriptor, bytes, at);
    // The mode at creation is cut by the umask; a project's modes are part of it.
    if (process.platform !== "win32") fse.fchmodSync(descriptor, file.executable ? 0o755 : 0o644);
  } finally {
    closeSync(descriptor);
  }
}

/** Makes a folder below the stage and those above it, each once. */
function makeFolder(folder: string, made: Set<string>): void {
  if (made.has(folder)) return;
  makeFolder(dirname(folder), made);
  mkdirSync(folder, 0o755);
  made.add(folder);
}

function moveEntry(stage: string, target: string, name: string): string {
  renameSync(join(stage, name), join(target, name));
  return join(target, name);
}

function moveInto(stage: string, target: string, file: TreeFile): void {
  const to = join(target, file.path);
  mkdirSync(dirname(to), { recursive: true });
  renameSync(join(stage, file.path), to);
}

function syncFolder(path: string): void {
  if (process.platform === "win32") return;
  try {
    const descriptor = openSync(path, "r");
    try {
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  } catch {
    // Some file systems cannot sync a folder; the rename is atomic all the same.
  }
}

function problem(code: string, at: string, message: string, hint: string): ProblemError {
  return new ProblemError([{ code, at, message, hint } satisfies Problem]);
}
