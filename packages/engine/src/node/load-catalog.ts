import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { type Catalog, checkCatalog, type PartManifest, type Problem, ProblemError, type Source, type StackManifest } from "@breakwater/model";
import { partIncludeSchema, partSchema, stackIncludeSchema, stackSchema } from "@breakwater/model/schema";

import { type Kind, readManifest } from "./read-manifest.ts";
import { readTemplateFiles } from "./read-template-files.ts";

const STACK: Kind<StackManifest> = { file: "stack.yaml", schema: stackSchema, included: stackIncludeSchema };
const PART: Kind<PartManifest> = { file: "part.yaml", schema: partSchema, included: partIncludeSchema };

/**
 * Reads every stack and part below a templates folder: `<stack>/stack.yaml`, `parts/<part>/part.yaml`, what
 * they include, and the `files/` beside them. Nothing of a template is run. Throws a `ProblemError` with everything that is wrong:
 * `manifest-yaml`, `manifest-invalid`, `manifest-twice`, `manifest-name`, `include-…`, `template-…`, and those of `checkCatalog`.
 */
export function loadCatalog(templates: string): Catalog {
  const problems: Problem[] = [];
  const stacks: Record<string, Source<StackManifest>> = {};
  const parts: Record<string, Source<PartManifest>> = {};
  for (const name of foldersOf(templates)) {
    if (name === "parts") {
      for (const part of foldersOf(join(templates, "parts"))) {
        const source = load(templates, `parts/${part}`, PART, problems);
        if (source !== undefined) parts[part] = named(source, source.manifest.part, part, problems);
      }
    } else {
      const source = load(templates, name, STACK, problems);
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

function load<T>(templates: string, folder: string, kind: Kind<T>, problems: Problem[]): Source<T> | undefined {
  if (!existsSync(join(templates, folder, kind.file))) return undefined;
  const read = readManifest(templates, folder, kind, problems);
  const { files, problems: wrong } = readTemplateFiles(join(templates, folder, "files"), `templates/${folder}/files`);
  problems.push(...wrong);
  return read === undefined ? undefined : { ...read, files };
}
