import { basename, resolve } from "node:path";
import type { OnConflict } from "@breakwater/engine/node";
import { nearest, type Problem, type RawAnswers } from "@breakwater/model";

import { parseArguments } from "./arguments.ts";

/** A command line of `create`, understood but not yet answered. */
export interface CreateRequest {
  readonly cwd: string;
  readonly dir: string | undefined;
  readonly config: string | undefined;
  readonly raw: RawAnswers;
  readonly yes: boolean;
  readonly ask: boolean;
  readonly onConflict: OnConflict;
  readonly git: boolean;
  readonly dryRun: boolean;
  readonly diff: boolean;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
}

const FLAGS = {
  stack: { type: "string" },
  set: { type: "string", multiple: true },
  name: { type: "string" },
  config: { type: "string" },
  yes: { type: "boolean", short: "y" },
  "no-input": { type: "boolean" },
  cwd: { type: "string", short: "C" },
  "on-conflict": { type: "string" },
  "no-git": { type: "boolean" },
  "dry-run": { type: "boolean", short: "n" },
  diff: { type: "boolean" },
  json: { type: "boolean" },
  quiet: { type: "boolean", short: "q" },
  verbose: { type: "boolean", short: "v" },
  "no-color": { type: "boolean" },
} as const;

const CONFLICT_MODES: readonly string[] = ["error", "merge", "overwrite"];

/** Reads the flags of `create`; problems are all there are, with `flag-…` and `set-…` codes. */
export function readCreateRequest(
  argv: readonly string[],
  environment: NodeJS.ProcessEnv,
  terminal: boolean,
): { readonly request: CreateRequest; readonly problems: readonly Problem[] } {
  const { values, positionals, problems } = parseArguments(argv, FLAGS);
  const found = [...problems];
  const text = (key: string): string | undefined => (typeof values[key] === "string" ? values[key] : undefined);
  const cwd = resolve(text("cwd") ?? ".");
  const dir = positionals[0] === undefined ? undefined : resolve(cwd, positionals[0]);
  // Without a prototype: `--set constructor=1` is an unknown option, not an inherited one.
  const options: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const pair of (values["set"] ?? []) as readonly string[]) {
    const at = pair.indexOf("=");
    if (at < 1) found.push({ code: "set-invalid", at: `--set ${pair}`, message: "not of the form key=value", hint: "--set tls=modern" });
    else if (Object.hasOwn(options, pair.slice(0, at)))
      found.push({ code: "set-twice", at: `--set ${pair}`, message: "the option was answered before", hint: "say it once" });
    else options[pair.slice(0, at)] = pair.slice(at + 1);
  }
  const mode = text("on-conflict") ?? "error";
  if (!CONFLICT_MODES.includes(mode))
    found.push({ code: "flag-value", at: `--on-conflict ${mode}`, message: "no such mode", hint: nearest(mode, CONFLICT_MODES) });
  const stack = text("stack");
  const name = text("name") ?? (dir === undefined ? undefined : basename(dir));
  const noInput = values["no-input"] === true || values["json"] === true || values["yes"] === true;
  return {
    request: {
      cwd,
      dir,
      config: text("config"),
      raw: { ...(stack === undefined ? {} : { stack }), ...(name === undefined ? {} : { name }), options },
      yes: values["yes"] === true,
      ask: terminal && !noInput && (environment["CI"] ?? "") === "",
      onConflict: mode as OnConflict,
      git: values["no-git"] !== true,
      dryRun: values["dry-run"] === true || values["diff"] === true,
      diff: values["diff"] === true,
      json: values["json"] === true,
      quiet: values["quiet"] === true,
      verbose: values["verbose"] === true,
    },
    problems: found,
  };
}
