import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { nearest, placeOf, pointerTo, type Problem, type Source } from "@breakwater/model";
import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from "yaml";
import type { z } from "zod";

import { joinSections, type Piece } from "./join-sections.ts";

/** A kind of manifest: its file, what that may hold, and what the files may hold that it includes. */
export interface Kind<T> {
  readonly file: "stack.yaml" | "part.yaml";
  readonly schema: z.ZodObject & z.ZodType<T>;
  readonly included: z.ZodObject;
}

/** A manifest and the files that it includes, as one; undefined when it has problems. */
export function readManifest<T>(templates: string, folder: string, kind: Kind<T>, problems: Problem[]): Omit<Source<T>, "files"> | undefined {
  const dir = join(templates, folder);
  const shown = `templates/${folder}`;
  const own = readPiece(dir, `${shown}/${kind.file}`, kind.file, kind, problems);
  if (own === undefined) return undefined;
  const before = problems.length;
  const include = own.data["include"] as readonly string[];
  let whole = own;
  for (const [index, name] of include.entries()) {
    const at = placeOf(own, `/include/${index}`);
    const wrong = include.indexOf(name) < index ? twice(name, at) : unreachable(dir, name, at);
    if (wrong !== undefined) problems.push(wrong);
    const piece = wrong === undefined ? readPiece(dir, `${shown}/${name}`, name, kind, problems) : undefined;
    if (piece !== undefined) whole = joinSections(whole, piece, name, problems);
  }
  problems.push(...forgotten(dir, shown, include, kind.file));
  return problems.length > before ? undefined : { path: whole.path, manifest: whole.data as T, lines: whole.lines };
}

function readPiece(dir: string, path: string, name: string, kind: Kind<unknown>, problems: Problem[]): Piece | undefined {
  const counter = new LineCounter();
  const document = parseDocument(readFileSync(join(dir, name), "utf8"), { lineCounter: counter, uniqueKeys: true });
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
  const schema = name === kind.file ? kind.schema : kind.included;
  const parsed = schema.safeParse(document.toJS());
  if (parsed.success) return { path, data: parsed.data as Piece["data"], lines };
  problems.push(...parsed.error.issues.map((issue) => manifestProblem(issue, { path, lines }, Object.keys(schema.shape), kind)));
  return undefined;
}

function manifestProblem(issue: z.core.$ZodIssue, piece: Pick<Piece, "path" | "lines">, known: readonly string[], kind: Kind<unknown>): Problem {
  const unknown = issue.code === "unrecognized_keys" ? issue.keys[0] : undefined;
  const where = [...issue.path, ...(unknown === undefined ? [] : [unknown])].map(String);
  const section = issue.path.length === 0 ? unknown : undefined;
  return {
    code: "manifest-invalid",
    at: placeOf(piece, pointerTo(...where)),
    message: `${where.join(".") || "the manifest"}: ${issue.message}`,
    hint:
      section === undefined
        ? "see packages/model/schemas; an editor with the YAML schema marks it too"
        : section in kind.schema.shape
          ? `say it in ${kind.file}: an included file holds sections alone`
          : nearest(section, known),
  };
}

function twice(name: string, at: string): Problem {
  return { code: "include-twice", at, message: `${name} is in the list already`, hint: "take it out" };
}

/** A file that is not there, or one that a link puts elsewhere; a path that leads out by itself is none that the schema takes. */
function unreachable(dir: string, name: string, at: string): Problem | undefined {
  try {
    if (!statSync(join(dir, name)).isFile()) return { code: "include-missing", at, message: `${name} is no file`, hint: "name files, not folders" };
    if (realpathSync(join(dir, name)) === join(realpathSync(dir), name)) return undefined;
    return { code: "include-link", at, message: `${name} is a symbolic link, or behind one`, hint: "put the file itself there" };
  } catch {
    return { code: "include-missing", at, message: `${name} does not exist`, hint: "write it, or take it out of include:" };
  }
}

/** A file beside included ones that is not included would be missed by nobody. */
function forgotten(dir: string, shown: string, include: readonly string[], file: string): readonly Problem[] {
  return [...new Set(include.map((name) => dirname(name)))]
    .filter((folder) => folder !== "." && existsSync(join(dir, folder)))
    .flatMap((folder) => readdirSync(join(dir, folder)).map((name) => `${folder}/${name}`))
    .filter((name) => name.endsWith(".yaml") && !include.includes(name))
    .map((name) => ({
      code: "include-unlisted",
      at: `${shown}/${name}`,
      message: `${file} does not include it: nothing that it says is there`,
      hint: `list ${name} under include:, or delete it`,
    }));
}

/** Line of each key and list item, by JSON pointer. */
function collectLines(node: unknown, pointer: string, counter: LineCounter, lines: Record<string, number>): void {
  if (isMap(node)) {
    for (const pair of node.items) {
      const key = isScalar(pair.key) ? String(pair.key.value) : "";
      const at = pointer + pointerTo(key);
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
