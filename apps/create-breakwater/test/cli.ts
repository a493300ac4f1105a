import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const BIN = join(import.meta.dirname, "../bin");

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A fresh folder of this test's own. */
export function folder(): string {
  return mkdtempSync(join(tmpdir(), "breakwater-cli-"));
}

export interface Options {
  readonly cwd: string;
  readonly input?: string;
  readonly env?: Record<string, string>;
  readonly bin?: string;
  readonly onStart?: (child: ChildProcess) => void;
}

/** Runs the built CLI without a terminal. */
export function cli(args: readonly string[], options: Options): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(BIN, options.bin ?? "create-breakwater.mjs"), ...args], {
      cwd: options.cwd,
      env: { ...process.env, CI: "", ...options.env },
    });
    let out = "";
    let err = "";
    child.stdout.on("data", (chunk) => (out += String(chunk)));
    child.stderr.on("data", (chunk) => (err += String(chunk)));
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code: code ?? (signal === "SIGKILL" ? 137 : 128), out, err }));
    child.stdin.on("error", () => {});
    child.stdin.end(options.input ?? "");
    options.onStart?.(child);
  });
}

/** Path → mode and content of everything below a folder, for comparing trees byte by byte. */
export function treeOf(dir: string): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  const walk = (below: string): void => {
    for (const entry of readdirSync(join(dir, below), { withFileTypes: true })) {
      const path = below === "" ? entry.name : `${below}/${entry.name}`;
      if (path === ".git") continue;
      if (entry.isDirectory()) walk(path);
      else found[path] = `${(statSync(join(dir, path)).mode & 0o777).toString(8)} ${readFileSync(join(dir, path)).toString("base64")}`;
    }
  };
  walk("");
  return found;
}
