import { isAbsolute, relative, resolve } from "node:path";
import { auditProject, type Finding } from "@breakwater/engine/audit";
import { readProject } from "@breakwater/engine/read-project";

import { parseArguments } from "../arguments.ts";
import { type Ended, failed } from "../report.ts";

const FLAGS = {
  file: { type: "string", short: "f", multiple: true },
  cwd: { type: "string", short: "C" },
  json: { type: "boolean" },
  strict: { type: "boolean" },
  quiet: { type: "boolean", short: "q" },
  "no-color": { type: "boolean" },
} as const;

/** Holds a Compose project against the rules. 0 clean, 1 unreadable, 2 usage, 3 findings. */
export function check(argv: readonly string[]): Ended {
  const { values, positionals, problems } = parseArguments(argv, FLAGS);
  const json = values["json"] === true;
  if (problems.length > 0) return failed(problems, json, 2);
  const dir = resolve(String(values["cwd"] ?? "."), positionals[0] ?? ".");
  const files = (Array.isArray(values["file"]) ? (values["file"] as readonly string[]) : []).map((file) => below(dir, file));
  const read = readProject(dir, files);
  if (!read.ok) return failed(read.problems, json);
  const result = auditProject(read.input);
  if (result.problems.length > 0) return failed(result.problems, json);
  const errors = result.findings.filter(({ severity }) => severity === "error").length;
  const warnings = result.findings.length - errors;
  const code = errors > 0 || (warnings > 0 && values["strict"] === true) ? 3 : 0;
  const configurations = read.input.configurations.map(({ name, mode }) => ({ name, mode }));
  if (json)
    return {
      code,
      out: `${JSON.stringify({ version: 1, ok: code === 0, configurations, notes: read.notes, findings: result.findings, allowed: result.allowed }, null, 2)}\n`,
    };
  const count = (n: number, word: string) => `${n} ${word}${n === 1 ? "" : "s"}`;
  const looked = configurations.map(({ name, mode }) => `  ${name} (${mode})\n`).join("");
  const notes = read.notes.map((note) => `note: ${note}\n`).join("");
  const allowed = result.allowed.length === 0 ? "" : `, ${result.allowed.length} allowed by comments`;
  const plan =
    read.input.record === undefined ? "no recorded plan: networks and ports are held against general rules" : "held against .breakwater/plan.json";
  return {
    code,
    out: `${findingLines(result.findings)}${count(errors, "error")}, ${count(warnings, "warning")}${allowed}\n`,
    err: values["quiet"] === true ? "" : `looked at, ${plan}:\n${looked}${notes}`,
  };
}

/** `--file` is read below the project, wherever the caller stands. */
function below(dir: string, file: string): string {
  return (isAbsolute(file) ? relative(dir, file) : file).replaceAll("\\", "/").replace(/^\.\//, "");
}

function findingLines(findings: readonly Finding[]): string {
  return findings.map(({ severity, at, message, code, hint }) => `${at}: ${severity}: ${message}  [${code}]\n    ${hint}\n`).join("");
}
