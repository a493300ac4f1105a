import { relative } from "node:path";
import { bytesOf, type FileTree, type TreeFile } from "@breakwater/engine";
import type { PlannedChange, WriteResult } from "@breakwater/engine/write";
import { type Answers, type Catalog, describeValues, optionsOf, type Problem, type RawAnswers } from "@breakwater/model";

import type { CreateRequest } from "./create-arguments.ts";
import { type Ended, failureJson } from "./report.ts";

/** All that is missing, as flags, and a command that is ready to paste. */
export function reportMissing(missing: readonly string[], raw: RawAnswers, request: CreateRequest, catalog: Catalog): Ended {
  const stacks = Object.keys(catalog.stacks);
  const stack = typeof raw.stack === "string" ? raw.stack : (stacks[0] ?? "");
  const options = optionsOf(catalog, stack);
  const lines = missing.map((key) => {
    if (key === "name") return "<dir>  where to write; the last part is the project's name";
    if (key === "stack") return `--stack <id>  one of: ${stacks.join(", ")}`;
    const option = options[key];
    return option === undefined ? key : describeValues(key, option);
  });
  const command = `create-breakwater ${typeof raw.name === "string" ? raw.name : "my-app"} --stack ${stack} --yes`;
  const problems = missing.map((key, index): Problem => ({
    code: "answer-missing",
    at: key,
    message: "nobody said it, and there is no terminal to ask",
    hint: lines[index] ?? "",
  }));
  if (request.json) return { code: 2, out: failureJson(problems) };
  return {
    code: 2,
    err: `error: these answers are missing, and there is no terminal to ask  [answer-missing]\n${lines.map((line) => `    ${line}\n`).join("")}\nReady to paste, defaults for the rest:\n    ${command}\n`,
  };
}

/** What `merge` and `overwrite` are about to do: one line a file that is not simply new or the same. */
export function changeLines(changes: readonly PlannedChange[]): string {
  const lines = changes.filter(({ action }) => action === "keep" || action === "replace").map(({ path, action }) => `  ${action.padEnd(8)}${path}\n`);
  const count = (action: PlannedChange["action"]) => changes.filter((change) => change.action === action).length;
  return `${count("add")} new, ${count("same")} the same, ${count("keep")} kept, ${count("replace")} replaced\n${lines.join("")}`;
}

export function reportDryRun(tree: FileTree, changes: readonly PlannedChange[], target: string, answers: Answers, request: CreateRequest): Ended {
  const actions = new Map(changes.map(({ path, action }) => [path, action]));
  const files = [...tree.values()].map((file) => ({
    path: file.path,
    action: actions.get(file.path) ?? "add",
    bytes: bytesOf(file).length,
    owner: file.owner,
    executable: file.executable,
  }));
  if (request.json) return { code: 0, out: json({ version: 1, ok: true, dryRun: true, target, answers, files }) };
  if (request.diff) {
    const shown = [...tree.values()]
      .filter((file) => ["add", "replace"].includes(actions.get(file.path) ?? ""))
      .map((file) => `+++ ${file.path}${actions.get(file.path) === "replace" ? " (replaces what is there)" : ""}\n${addedLines(file)}`);
    return { code: 0, out: shown.join("\n") };
  }
  const width = Math.max(...files.map((file) => String(file.bytes).length));
  const lines = files.map((file) => `${file.action.padEnd(8)}${String(file.bytes).padStart(width)}  ${file.owner.padEnd(10)}  ${file.path}`);
  const writes = files.filter(({ action }) => action === "add" || action === "replace").length;
  return { code: 0, out: `${lines.join("\n")}\n${writes} of ${files.length} files would be written to ${target}; nothing was.\n` };
}

export function reportWritten(result: WriteResult, target: string, answers: Answers, request: CreateRequest, warnings: readonly string[]): Ended {
  const code = result.kept.length > 0 ? 5 : 0;
  const command = commandOf(answers, target);
  const err = warnings.map((warning) => `warning: ${warning}\n`).join("");
  if (request.json)
    return { code, err, out: json({ version: 1, ok: true, target, answers, written: result.written, kept: result.kept, command, warnings }) };
  if (request.quiet) return { code, err };
  const conflicts = result.kept.length === 0 ? "" : `\nKept as they were, because they differ:\n${result.kept.map((path) => `  ${path}\n`).join("")}`;
  return {
    code,
    err,
    out: `Wrote ${result.written.length} files to ${target}
${conflicts}
The same again:
  ${command}

Next:
  1. cd ${quote(typed(target))}
  2. ops/up                   development on http://localhost:8080
  3. ops/up --production      the production files on this machine, TLS with a CA of your own
  README.md goes on from there.
`,
  };
}

/** A folder as a person would type it in the shell they are in, wherever `--cwd` pointed. */
function typed(target: string): string {
  const place = relative(process.cwd(), target) || ".";
  return place.length > target.length ? target : place;
}

function commandOf(answers: Answers, target: string): string {
  const place = typed(target);
  const named = place.split(/[\\/]/).at(-1) === answers.name ? "" : ` --name ${answers.name}`;
  const options = Object.entries(answers.options).map(([key, value]) => ` --set ${quote(`${key}=${value}`)}`);
  return `create-breakwater ${quote(place)} --stack ${answers.stack}${named}${options.join("")} --yes`;
}

function quote(word: string): string {
  return /^[A-Za-z0-9_./=:@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** Contents as a diff shows a new file. */
function addedLines({ content }: TreeFile): string {
  const text = typeof content === "string" ? content : new TextDecoder().decode(content);
  return text.includes("\0") ? `(binary, ${content.length} bytes)\n` : text.replace(/^(?=.)/gm, "+");
}
