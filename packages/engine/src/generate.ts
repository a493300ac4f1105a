import {
  type Answers,
  type Catalog,
  checkPlan,
  optionsOf,
  type PlanFile,
  ProblemError,
  resolvePlan,
  type SourceFile,
  type StackPlan,
} from "@breakwater/model";

import { emitProject } from "./emit/project.ts";
import { contextOf } from "./render/context.ts";
import type { RenderContext, Renderer } from "./render/options.ts";
import { buildTree, type FileTree, type TreeFile } from "./tree.ts";

export interface Generated {
  readonly plan: StackPlan;
  readonly tree: FileTree;
}

/** Finds the compiled form of a template by `<origin>:<source path>`; a foreign one is compiled from its text. */
export type RendererLookup = (key: string, source: string) => Renderer;

/** What the platform lends to the pure room: it has neither a template compiler nor a hash of its own. */
export interface Platform {
  readonly renderer: RendererLookup;
  /** SHA-256 of bytes, in hex. */
  readonly sha256: (bytes: Uint8Array) => string;
}

/**
 * The three pure steps in one:
 *
 *     Catalog + Answers ──resolvePlan──▶ StackPlan ──checkPlan──▶ [] ──emit + render──▶ FileTree
 *
 * Throws a `ProblemError` with every problem of the plan, or with the collisions of its paths.
 * The same catalog and answers give the same bytes.
 */
export function generateProject(catalog: Catalog, answers: Answers, { renderer, sha256 }: Platform): Generated {
  const plan = resolvePlan(catalog, answers);
  const problems = checkPlan(plan);
  if (problems.length > 0) throw new ProblemError(problems);
  const context = contextOf(plan, optionsOf(catalog, answers.stack));
  const copied = plan.files.map((file) => fileOf(file, catalog, context, renderer));
  return { plan, tree: emitProject(plan, buildTree(copied), sha256) };
}

function fileOf(file: PlanFile, catalog: Catalog, context: RenderContext, renderer: RendererLookup): TreeFile {
  const source = sourceOf(file, catalog);
  const content = contentOf(file, source, context, renderer);
  return {
    path: file.path,
    content,
    executable: typeof content === "string" ? content.startsWith("#!") : content[0] === 0x23 && content[1] === 0x21,
    owner: file.owner,
    origin: `${file.origin}: ${file.source}`,
  };
}

function sourceOf(file: PlanFile, catalog: Catalog): SourceFile {
  const part = file.origin.startsWith("parts/") ? catalog.parts[file.origin.slice("parts/".length)] : catalog.stacks[file.origin];
  const source = part?.files.find((candidate) => candidate.path === file.source);
  if (source === undefined) throw new Error(`the plan names ${file.origin}: ${file.source}, which the catalog does not hold`);
  return source;
}

function contentOf(file: PlanFile, source: SourceFile, context: RenderContext, renderer: RendererLookup): string | Uint8Array {
  if (!file.source.endsWith(".hbs") || typeof source.content !== "string") return source.content;
  try {
    return renderer(`${file.origin}:${file.source}`, source.content)(context);
  } catch (error) {
    throw new ProblemError([
      {
        code: "template-render",
        at: `${file.origin}: ${file.source}`,
        message: error instanceof Error ? error.message : String(error),
        hint: "run the template lint",
      },
    ]);
  }
}
