import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from "yaml";
import type { Problem } from "@breakwater/model";

import type { Place } from "../words.ts";

/** YAML with places: aliases and merge keys resolved, each value knows where it was written. */
export type Tree = Scalar | List | Mapping;
interface Base {
  readonly at: Place;
  /** `!reset` and `!override` are Compose's words for merging. */
  readonly tag: string | undefined;
}
export interface Scalar extends Base {
  readonly kind: "scalar";
  readonly value: string | number | boolean | null;
  /** The value comes out of a variable. */
  readonly filled?: boolean;
}
export interface List extends Base {
  readonly kind: "list";
  readonly items: readonly Tree[];
}
export interface Mapping extends Base {
  readonly kind: "map";
  readonly entries: ReadonlyMap<string, Entry>;
}
export interface Entry {
  readonly key: Place;
  readonly value: Tree;
}

export type Parsed = { readonly ok: true; readonly root: Tree } | { readonly ok: false; readonly problems: readonly Problem[] };

/** Far more than a project has; aliases of aliases reach it in twelve lines. */
const MOST_NODES = 100_000;

/** Reads one YAML file. Code: `yaml-invalid`. Nesting deeper than 64 is refused: an alias bomb, not a project. */
export function parseTree(file: string, text: string): Parsed {
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, merge: false, logLevel: "silent", uniqueKeys: true });
  const place = (offset: number | undefined): Place => ({ file, line: offset === undefined ? 1 : counter.linePos(offset).line });
  const invalid = (at: Place, message: string): Problem => ({
    code: "yaml-invalid",
    at: `${at.file}:${at.line}`,
    message,
    hint: "docker compose config says the same; mend the YAML",
  });
  if (document.errors.length > 0)
    return { ok: false, problems: document.errors.map((error) => invalid(place(error.pos[0]), error.message.split("\n")[0] ?? "")) };

  let nodes = 0;
  const read = (node: Node | null | undefined, at: Place, depth: number): Tree => {
    if (depth > 64 || ++nodes > MOST_NODES) throw new TooDeep(at);
    if (node === null || node === undefined) return { kind: "scalar", value: null, at, tag: undefined };
    const here = node.range ? place(node.range[0]) : at;
    if (isAlias(node)) {
      const target = node.resolve(document);
      if (target === undefined) throw new TooDeep(here);
      return read(target as Node, here, depth + 1);
    }
    const tag = typeof node.tag === "string" && /^![a-z]+$/.test(node.tag) ? node.tag : undefined;
    if (isSeq(node)) return { kind: "list", at: here, tag, items: node.items.map((item) => read(item as Node, here, depth + 1)) };
    if (isMap(node)) {
      const own = new Map<string, Entry>();
      const merged = new Map<string, Entry>();
      for (const pair of node.items) {
        const key = pair.key as Node | null;
        const name = isScalar(key) ? String(key.value) : "";
        const keyAt = key?.range ? place(key.range[0]) : here;
        const value = read(pair.value as Node | null, keyAt, depth + 1);
        if (name !== "<<") own.set(name, { key: keyAt, value });
        else
          for (const source of value.kind === "list" ? value.items : [value])
            if (source.kind === "map") for (const [inner, entry] of source.entries) if (!merged.has(inner)) merged.set(inner, entry);
      }
      return { kind: "map", at: here, tag, entries: new Map([...merged, ...own]) };
    }
    const value = isScalar(node) ? node.value : null;
    const plain = typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? value : null;
    // `max-file: 010` and 1e3 must read as they were written.
    const source = isScalar(node) && typeof plain === "number" && node.source !== undefined ? node.source : plain;
    return { kind: "scalar", at: here, tag, value: source };
  };
  try {
    return { ok: true, root: read(document.contents as Node | null, { file, line: 1 }, 0) };
  } catch (error) {
    if (error instanceof TooDeep)
      return { ok: false, problems: [invalid(error.at, "aliases that lead nowhere, nesting deeper than 64, or more than 100,000 values")] };
    throw error;
  }
}

class TooDeep extends Error {
  readonly at: Place;
  constructor(at: Place) {
    super("too deep");
    this.at = at;
  }
}

export function entryOf(tree: Tree | undefined, key: string): Entry | undefined {
  return tree?.kind === "map" ? tree.entries.get(key) : undefined;
}

/** The value below a chain of keys, if each is there. */
export function valueAt(tree: Tree | undefined, ...keys: readonly string[]): Tree | undefined {
  return keys.reduce<Tree | undefined>((inner, key) => entryOf(inner, key)?.value, tree);
}

/** A scalar as text; undefined for null, lists and maps. */
export function textOf(tree: Tree | undefined): string | undefined {
  return tree?.kind === "scalar" && tree.value !== null ? String(tree.value) : undefined;
}

/** The texts of a list, or the one text. */
export function textsOf(tree: Tree | undefined): readonly string[] {
  if (tree?.kind === "list") return tree.items.flatMap((item) => textOf(item) ?? []);
  const text = textOf(tree);
  return text === undefined ? [] : [text];
}
