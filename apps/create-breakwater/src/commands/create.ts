import { resolve } from "node:path";
import { generateProject } from "@breakwater/engine";
import { checkTarget, planChanges, writeProject } from "@breakwater/engine/write";
import { type Answers, type Catalog, optionsOf, parseAnswers, type Problem, ProblemError, type RawAnswers } from "@breakwater/model";

import { builtCatalog } from "../catalog.ts";
import { type CreateRequest, readCreateRequest } from "../create-arguments.ts";
import { changeLines, reportDryRun, reportMissing, reportWritten } from "../create-report.ts";
import { builtPlatform } from "../platform.ts";
import { type Ended, failed } from "../report.ts";

/**
 *     flags | file | prompts → RawAnswers → Answers → StackPlan + FileTree → disk
 *
 * Everything is worked out in memory first; the disk is touched by `writeProject` alone.
 */
export async function create(argv: readonly string[]): Promise<Ended> {
  const terminal = process.stdin.isTTY === true && process.stdout.isTTY === true && process.env["TERM"] !== "dumb";
  const { request, problems } = readCreateRequest(argv, process.env, terminal);
  if (problems.length > 0) return failed(problems, request.json, 2);
  try {
    return await run(request, builtCatalog());
  } catch (error) {
    if (error instanceof ProblemError) return failed(error.problems, request.json);
    throw error;
  }
}

async function run(request: CreateRequest, catalog: Catalog): Promise<Ended> {
  const raw = await collect(request);
  if ("problems" in raw) return failed(raw.problems, request.json, 2);
  const said = defaults(request, raw.raw, catalog);
  const missing = missingOf(said, request, catalog);
  if (missing.length > 0 && !request.ask) return reportMissing(missing, said, request, catalog);
  if (!request.ask) return finish(request, catalog, said);

  const wrong = wrongAnswers(catalog, said);
  if (wrong.length > 0) return failed(wrong, request.json, 2);
  if (request.dir !== undefined && !request.dryRun) checkTarget(request.dir, request.onConflict);
  const { askAnswers, confirmPlan } = await import("../prompts.ts");
  const asked = await askAnswers(catalog, said);
  if (asked === "cancelled") return cancelled();
  const parsed = parseAnswers(catalog, asked);
  if (!parsed.ok) return failed(parsed.problems, request.json, 2);
  if (!(await confirmPlan(catalog, parsed.answers))) return cancelled();
  return finish(request, catalog, asked);
}

/** What was said and cannot be: told before the first question, not after the last. */
function wrongAnswers(catalog: Catalog, raw: RawAnswers): readonly Problem[] {
  const parsed = parseAnswers(catalog, raw);
  return parsed.ok ? [] : parsed.problems.filter(({ code }) => code !== "answer-missing");
}

function cancelled(): Ended {
  return { code: 130, err: "\ncancelled: nothing was written\n" };
}

async function collect(request: CreateRequest): Promise<{ readonly raw: RawAnswers } | { readonly problems: readonly Problem[] }> {
  if (request.config === undefined) return { raw: request.raw };
  const { readAnswersFile } = await import("../answers-file.ts");
  const file = request.config === "-" ? "-" : resolve(request.cwd, request.config);
  const read = await readAnswersFile(file);
  if (!read.ok) return read;
  return { raw: { ...read.raw, ...request.raw, options: { ...read.raw.options, ...request.raw.options } } };
}

/** With --yes the only stack is a default too; with more of them a choice is a choice. */
function defaults(request: CreateRequest, raw: RawAnswers, catalog: Catalog): RawAnswers {
  const stacks = Object.keys(catalog.stacks);
  return request.yes && raw.stack === undefined && stacks.length === 1 ? { ...raw, stack: stacks[0] } : raw;
}

/** What nobody has said: without --yes, --config or a terminal, a default is not an answer. */
function missingOf(raw: RawAnswers, request: CreateRequest, catalog: Catalog): readonly string[] {
  const stack = typeof raw.stack === "string" ? raw.stack : undefined;
  const options =
    request.yes || request.config !== undefined || stack === undefined
      ? []
      : Object.keys(optionsOf(catalog, stack)).filter((key) => raw.options?.[key] === undefined);
  return [...(raw.name === undefined ? ["name"] : []), ...(raw.stack === undefined ? ["stack"] : []), ...options];
}

async function finish(request: CreateRequest, catalog: Catalog, raw: RawAnswers): Promise<Ended> {
  const parsed = parseAnswers(catalog, raw);
  if (!parsed.ok) return failed(parsed.problems, request.json, 2);
  return write(request, catalog, parsed.answers);
}

async function write(request: CreateRequest, catalog: Catalog, answers: Answers): Promise<Ended> {
  phase(request, "generate");
  const { tree } = generateProject(catalog, answers, builtPlatform());
  const target = request.dir ?? resolve(request.cwd, answers.name);
  const changes = planChanges({ target, tree, onConflict: request.onConflict });
  if (request.dryRun) return reportDryRun(tree, changes, target, answers, request);
  if (request.onConflict !== "error" && !request.quiet) process.stderr.write(changeLines(changes));

  const result = writeProject({ target, tree, onConflict: request.onConflict, onPhase: (name) => phase(request, name) });
  const warnings = request.git ? (await import("../git.ts")).startHistory(target, tree, result.written) : [];
  phase(request, "done");
  return reportWritten(result, target, answers, request, warnings);
}

function phase(request: CreateRequest, name: string): void {
  if (request.verbose) process.stderr.write(`${name}\n`);
}
