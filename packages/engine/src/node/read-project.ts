import { spawnSync } from "node:child_process";
import { type Dirent, lstatSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Problem } from "@breakwater/model";

import type { AuditFile, AuditInput, AuditRecord, Configuration } from "../audit/index.ts";
import { loadConfiguration, secretPaths } from "../audit/index.ts";

/** Folders that hold other people's files, or what a build made. */
const SKIPPED = new Set([".git", "node_modules", ".venv", "venv", "__pycache__", ".turbo", ".tox", ".mypy_cache", ".pytest_cache"]);
const TEXT = /(^|\/)(Dockerfile[^/]*|Containerfile|Makefile|\.env[^/]*|[^/]+\.(ya?ml|json|sh|bash|conf|sql|env|py|toml|tsv|template|m?[jt]s))$/;
/** A project's own files are smaller, and there are fewer of them. */
const MOST_BYTES = 1 << 20;
const MOST_FILES = 20_000;
const BASES = ["compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"];

export type ReadProject =
  | { readonly ok: true; readonly input: AuditInput; readonly notes: readonly string[] }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/**
 * Reads a Compose project for an audit, without running anything of it. `files` are paths below `dir`; without any, the
 * files that Docker itself would load and, where there is one, the production file beside them.
 * Codes: `project-missing`, `compose-missing`, `record-invalid`.
 */
export function readProject(dir: string, files: readonly string[] = []): ReadProject {
  const no = (code: string, at: string, message: string, hint: string): ReadProject => ({ ok: false, problems: [{ code, at, message, hint }] });
  if (!statSync(dir, { throwIfNoEntry: false })?.isDirectory()) return no("project-missing", dir, "there is no such folder", "breakwater check DIR");
  const read = new Map<string, AuditFile>();
  const notes: string[] = [];
  const modes = gitModes(dir);
  const whole = walk(dir, "", (path, stat) => {
    const text = readText(join(dir, path), path, stat.size);
    if (text === undefined) return;
    const bit = process.platform === "win32" ? undefined : (stat.mode & 0o111) !== 0;
    // The index is what others check out, whatever this disk can keep.
    read.set(path, { text, executable: modes.get(path) === false ? false : (bit ?? modes.get(path)) });
  });
  if (!whole) notes.push(`only the first ${MOST_FILES} files were looked at`);
  const configurations = files.length > 0 ? [asked(files)] : found(read);
  if (configurations.length === 0) return no("compose-missing", dir, `there is no ${BASES.join(", ")}`, "breakwater check DIR --file PATH");
  const record = readRecord(read);
  if (record === "invalid")
    return no(
      "record-invalid",
      ".breakwater/plan.json",
      "is not what Breakwater wrote",
      "restore it from git, or remove .breakwater/ to check without a plan",
    );
  const envFile = [".env", ".env.example"].find((path) => read.has(path));
  if (envFile === ".env.example") notes.push("there is no .env, so .env.example gives the variables");
  const input: AuditInput = {
    files: read,
    configurations,
    env: parseEnv(envFile === undefined ? "" : (read.get(envFile)?.text ?? "")),
    record,
    ignored: undefined,
  };
  return { ok: true, input: { ...input, ignored: gitIgnored(dir, input) }, notes };
}

function asked(files: readonly string[]): Configuration {
  const development = files.some((file) => /override|dev|local|test/i.test(file));
  return { name: files.join(" + "), mode: development ? "development" : "production", files };
}

/** What Docker loads by itself, and what production adds to the base. */
function found(read: ReadonlyMap<string, AuditFile>): readonly Configuration[] {
  const base = BASES.find((path) => read.has(path));
  if (base === undefined) return [];
  const [stem = "", ending = ""] = [base.replace(/\.ya?ml$/, ""), base.split(".").at(-1) ?? ""];
  const beside = (word: string) => [`${stem}.${word}.${ending}`, `${stem}.${word}.yaml`, `${stem}.${word}.yml`].find((path) => read.has(path));
  const override = beside("override");
  const production = beside("production") ?? beside("prod");
  const loaded: Configuration = {
    name: override === undefined ? base : `${base} + ${override}`,
    mode: production !== undefined && override !== undefined ? "development" : "production",
    files: [base, ...(override === undefined ? [] : [override])],
  };
  return production === undefined ? [loaded] : [{ name: `${base} + ${production}`, mode: "production", files: [base, production] }, loaded];
}

function walk(dir: string, below: string, see: (path: string, stat: { size: number; mode: number }) => void, count = { left: MOST_FILES }): boolean {
  for (const entry of entriesOf(join(dir, below)).toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = below === "" ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) {
      if (!SKIPPED.has(entry.name) && !walk(dir, path, see, count)) return false;
    } else if (entry.isFile()) {
      if (count.left-- <= 0) return false;
      see(path, lstatSync(join(dir, path)));
    }
  }
  return true;
}

/** A folder that this user may not list (a database's, a key store's) holds nothing for an audit. */
function entriesOf(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

function readText(full: string, path: string, size: number): string | undefined {
  if (size > MOST_BYTES) return undefined;
  const wanted = TEXT.test(path) || !/\.[^/]+$/.test(path);
  try {
    const bytes = wanted ? readFileSync(full) : undefined;
    return bytes === undefined || bytes.subarray(0, 8000).includes(0) ? undefined : bytes.toString("utf8");
  } catch {
    // A file that this user may not read (a secret, a key) is none of an audit's business.
    return undefined;
  }
}

function readRecord(read: ReadonlyMap<string, AuditFile>): AuditRecord | undefined | "invalid" {
  const plan = read.get(".breakwater/plan.json");
  if (plan === undefined) return undefined;
  try {
    const parsed = JSON.parse(plan.text) as AuditRecord & { readonly format: number };
    const lists = [parsed.networks, parsed.services, parsed.flows, parsed.reaches, parsed.published, parsed.exceptions];
    if (parsed.format !== 1 || !lists.every((list) => Array.isArray(list))) return "invalid";
    const files = JSON.parse(read.get(".breakwater/files.json")?.text ?? '{"files":{}}') as {
      readonly files: Readonly<Record<string, { readonly executable?: boolean }>>;
    };
    return { ...parsed, executables: Object.keys(files.files).filter((path) => files.files[path]?.executable === true) };
  } catch {
    return "invalid";
  }
}

/** `.env` as Compose reads it: quotes, comments, `export`; no expansion of its own variables. */
function parseEnv(text: string): Readonly<Record<string, string>> {
  const pairs = text.split(/\r?\n/).flatMap((line): [string, string][] => {
    const [, name = "", raw = ""] = /^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (name === "") return [];
    const quoted = /^"([^"]*)"|^'([^']*)'/.exec(raw);
    return [[name, quoted?.[1] ?? quoted?.[2] ?? raw.replace(/\s+#.*$/, "")]];
  });
  return Object.fromEntries(pairs);
}

/** Executable bits as git has them, by path below `dir`; empty where git cannot be asked. */
function gitModes(dir: string): ReadonlyMap<string, boolean> {
  const listed = git(dir, ["ls-files", "-s", "-z"]);
  return new Map(
    (listed?.stdout ?? "").split("\0").flatMap((line): [string, boolean][] => {
      const [, mode = "", path = ""] = /^(100\d{3}) \S+ \d\t(.*)$/.exec(line) ?? [];
      return path === "" ? [] : [[path, mode === "100755"]];
    }),
  );
}

function gitIgnored(dir: string, input: AuditInput): ReadonlySet<string> | undefined {
  const paths = input.configurations.flatMap((configuration) => {
    const loaded = loadConfiguration(input, configuration);
    return loaded.ok ? secretPaths(loaded.merged.root) : [];
  });
  const inside = [...new Set(paths)].filter((path) => !/^(\/|\.\.|~)/.test(path));
  if (inside.length === 0) return new Set();
  const asked = git(dir, ["check-ignore", "-z", "--stdin"], inside.join("\0"));
  // 1: none of them is ignored. Anything else: no repository, or no git.
  return asked === undefined || (asked.status !== 0 && asked.status !== 1)
    ? undefined
    : new Set(asked.stdout.split("\0").filter((path) => path !== ""));
}

/** Asks git without running what the repository configured: no hooks run here, and fsmonitor is off. */
function git(dir: string, args: readonly string[], input?: string): { readonly status: number | null; readonly stdout: string } | undefined {
  const ran = spawnSync("git", ["-c", "core.fsmonitor=false", "-C", dir, ...args], { encoding: "utf8", input, maxBuffer: 64 << 20, timeout: 20_000 });
  return ran.error === undefined ? ran : undefined;
}
