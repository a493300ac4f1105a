import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  type Catalog,
  checkCatalog,
  nearest,
  type PartManifest,
  type Problem,
  ProblemError,
  type Source,
  type StackManifest,
} from "@breakwater/model";
import { partSchema, stackSchema } from "@breakwater/model/schema";
import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from "yaml";
import type { z } from "zod";

import { readTemplateFiles } from "./read-template-files.ts";

/**
 * Reads every stack and part below a templates folder: `<stack>/stack.yaml`, `parts/<part>/part.yaml` and the
 * `files/` beside them. Nothing of a template is run. Throws a `ProblemError` with everything that is wrong:
 * `manifest-yaml`, `manifest-invalid`, `manifest-name`, `template-file`, and those of `checkCatalog`.
 */
export function loadCatalog(templates: string): Catalog {
  const problems: Problem[] = [];
  const stacks: Record<string, Source<StackManifest>> = {};
  const parts: Record<string, Source<PartManifest>> = {};
  for (const name of foldersOf(templates)) {
    if (name === "parts") {
      for (const part of foldersOf(join(templates, "parts"))) {
        const source = load(templates, `parts/${part}`, "part.yaml", partSchema, problems);
        if (source !== undefined) parts[part] = named(source, source.manifest.part, part, problems);
      }
    } else {
      const source = load(templates, name, "stack.yaml", stackSchema, problems);
      if (source !== undefined) stacks[name] = named(source, source.manifest.stack, name, problems);
    }
  }
  const catalog = { stacks, parts };
  problems.push(...checkCatalog(catalog));
  if (problems.length > 0) throw new ProblemError(problems);
  return catalog;
}

function foldersOf(dir: string): readonly string[] {
  return readdirSync(dir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith(".") && entry.name !== "node_modules")
    .map((entry) => entry.name)
    .toSorted();
}

function named<T>(source: Source<T>, said: string, folder: string, problems: Problem[]): Source<T> {
  if (said !== folder)
    problems.push({
      code: "manifest-name",
      at: source.path,
      message: `the manifest calls itself '${said}', its folder is '${folder}'`,
      hint: "give both the same name",
    });
  return source;
}

function load<T>(templates: string, folder: string, file: string, schema: z.ZodType<T>, problems: Problem[]): Source<T> | undefined {
  const path = `templates/${folder}/${file}`;
  let text: string;
  try {
    text = readFileSync(join(templates, folder, file), "utf8");
  } catch {
    return undefined;
  }
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, uniqueKeys: true });
  for (const error of document.errors)
    problems.push({
      code: "manifest-yaml",
      at: `${path}:${counter.linePos(error.pos[0]).line}`,
      message: error.message.split("\n")[0] ?? "",
      hint: "mend the YAML",
    });
  if (document.errors.length > 0) return undefined;

  const lines: Record<string, number> = {};
  collectLines(document.contents, "", counter, lines);
  const parsed = schema.safeParse(document.toJS());
  const { files, problems: fileProblems } = readTemplateFiles(join(templates, folder, "files"), `templates/${folder}/files`);
  problems.push(...fileProblems);
  if (!parsed.success) {
    problems.push(
      ...parsed.error.issues.map((issue) => manifestProblem(issue, path, lines, Object.keys("shape" in schema ? (schema.shape as object) : {}))),
    );
    return undefined;
  }
  return { manifest: parsed.data, path, lines, files };
}

function manifestProblem(issue: z.core.$ZodIssue, path: string, lines: Readonly<Record<string, number>>, known: readonly string[]): Problem {
  const unknown = issue.code === "unrecognized_keys" ? issue.keys[0] : undefined;
  const where = [...issue.path, ...(unknown === undefined ? [] : [unknown])];
  let pointer = `/${where.join("/")}`;
  while (pointer !== "" && lines[pointer] === undefined) pointer = pointer.slice(0, pointer.lastIndexOf("/"));
  const line = lines[pointer];
  const hint =
    unknown !== undefined && issue.path.length === 0
      ? nearest(unknown, known)
      : "see packages/model/schemas; an editor with the YAML schema marks it too";
  return {
    code: "manifest-invalid",
    at: line === undefined ? path : `${path}:${line}`,
    message: `${where.join(".") || "the manifest"}: ${issue.message}`,
    hint,
  };
}

/** Line of each key and list item, by JSON pointer. */
function collectLines(node: unknown, pointer: string, counter: LineCounter, lines: Record<string, number>): void {
  if (isMap(node)) {
    for (const pair of node.items) {
      const key = isScalar(pair.key) ? String(pair.key.value) : "";
      const at = `${pointer}/${key}`;
      const range = (pair.key as Node).range;
      if (range) lines[at] = counter.linePos(range[0]).line;
      collectLines(pair.value, at, counter, lines);
    }
  } else if (isSeq(node)) {
    node.items.forEach((item, index) => {
      const range = (item as Node).range;
      if (range) lines[`${pointer}/${index}`] = counter.linePos(range[0]).line;
      collectLines(item, `${pointer}/${index}`, counter, lines);
    });
  }
}
