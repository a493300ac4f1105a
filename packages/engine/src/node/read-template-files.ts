import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Problem, SourceFile } from "@breakwater/model";

/** What running a template's own linters and tests in place leaves behind: never part of it. */
const LEFTOVERS = new Set([
  ".DS_Store",
  "node_modules",
  ".venv",
  "__pycache__",
  ".pytest_cache",
  ".ruff_cache",
  ".mypy_cache",
  "dist",
  "staticfiles",
  "coverage",
  ".turbo",
]);

/** Every file below a template's `files/`, by path; symlinks and CRLF are problems (`template-symlink`, `template-crlf`). */
export function readTemplateFiles(dir: string, shown: string): { readonly files: readonly SourceFile[]; readonly problems: readonly Problem[] } {
  const files: SourceFile[] = [];
  const problems: Problem[] = [];
  const walk = (folder: string, below: string): void => {
    for (const entry of entriesOf(folder)) {
      if (LEFTOVERS.has(entry.name) || entry.name.endsWith(".tsbuildinfo")) continue;
      const path = below === "" ? entry.name : `${below}/${entry.name}`;
      if (entry.isSymbolicLink())
        problems.push({ code: "template-symlink", at: `${shown}/${path}`, message: "a template cannot hold a symbolic link", hint: "copy the file" });
      else if (entry.isDirectory()) walk(join(folder, entry.name), path);
      else if (entry.isFile()) files.push(fileOf(join(folder, entry.name), path, shown, problems));
    }
  };
  walk(dir, "");
  return { files: files.toSorted((a, b) => (a.path < b.path ? -1 : 1)), problems };
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

function fileOf(file: string, path: string, shown: string, problems: Problem[]): SourceFile {
  const bytes = readFileSync(file);
  const content = bytes.toString("utf8");
  if (bytes.includes(0) || !Buffer.from(content, "utf8").equals(bytes)) return { path, content: bytes };
  if (content.includes("\r\n"))
    problems.push({
      code: "template-crlf",
      at: `${shown}/${path}`,
      message: "the file has CRLF line ends",
      hint: "store it with LF; a shell reads the CR as part of the line",
    });
  return { path, content };
}
