import { type Entry, type List, type Mapping, type Scalar, textOf, type Tree } from "./tree.ts";

/** Lists that a later file replaces instead of extending. Source: Compose specification, "Merge". */
const REPLACED = new Set(["command", "entrypoint", "test"]);
/** `K=V` lists that mean the same as a map. */
const PAIRS = new Set(["environment", "labels", "args", "sysctls", "extra_hosts", "annotations"]);
/** Lists of names that mean the same as a map of empty settings. */
const NAMES = new Set(["networks", "depends_on"]);

/** Brings the short forms of one service (or of a map in it) into the form in which files merge. */
export function normalise(tree: Tree, key = ""): Tree {
  if (tree.kind === "list" && PAIRS.has(key)) return pairs(tree);
  if (tree.kind === "list" && NAMES.has(key)) return names(tree);
  if (tree.kind === "scalar" && key === "build") return mapOf(tree, [["context", tree]]);
  if (tree.kind === "scalar" && key === "env_file") return { kind: "list", at: tree.at, tag: tree.tag, items: [tree] };
  if (tree.kind !== "map") return tree;
  return {
    ...tree,
    entries: new Map([...tree.entries].map(([name, entry]): [string, Entry] => [name, { key: entry.key, value: normalise(entry.value, name) }])),
  };
}

/** A later file over an earlier one. `!reset` takes a value away, `!override` replaces it whole. */
export function mergeTrees(base: Tree, over: Tree, key = ""): Tree | undefined {
  if (over.tag === "!reset") return undefined;
  if (over.tag === "!override" || over.kind === "scalar" || base.kind !== over.kind) {
    // `environment:` with nothing below it changes nothing.
    return over.kind === "scalar" && over.value === null && base.kind !== "scalar" ? base : over;
  }
  if (base.kind === "list" && over.kind === "list")
    return REPLACED.has(key) ? over : { ...over, at: base.at, items: [...base.items.filter((item) => !replaces(item, over)), ...over.items] };
  if (base.kind === "map" && over.kind === "map") {
    const entries = new Map(base.entries);
    for (const [name, entry] of over.entries) {
      const before = entries.get(name);
      const merged = before === undefined ? stripReset(entry.value) : mergeTrees(before.value, entry.value, name);
      if (merged === undefined) entries.delete(name);
      else entries.set(name, { key: before?.key ?? entry.key, value: merged });
    }
    return { ...base, entries };
  }
  return over;
}

function stripReset(tree: Tree): Tree | undefined {
  return tree.tag === "!reset" ? undefined : tree;
}

/** Mounts are one per target, everything else one per equal text. */
function replaces(item: Tree, over: List): boolean {
  const own = identity(item);
  return own !== undefined && over.items.some((other) => identity(other) === own);
}

function identity(item: Tree): string | undefined {
  if (item.kind === "map") {
    const target = textOf(item.entries.get("target")?.value);
    return target === undefined ? undefined : `${target} ${textOf(item.entries.get("published")?.value) ?? ""}`.trim();
  }
  const text = textOf(item);
  if (text === undefined) return undefined;
  // src:/target[:mode] is a mount.
  const mount = /^[^:]+:(\/[^:]*)(?::[a-z,]+)?$/i.exec(text);
  return mount?.[1] ?? text;
}

function mapOf(from: Tree, entries: readonly (readonly [string, Tree])[]): Mapping {
  return { kind: "map", at: from.at, tag: from.tag, entries: new Map(entries.map(([name, value]) => [name, { key: value.at, value }])) };
}

function pairs(list: List): Mapping {
  return mapOf(
    list,
    list.items.flatMap((item): [string, Tree][] => {
      const text = textOf(item);
      if (text === undefined) return [];
      const split = /^([^=:]+)[=:]([\s\S]*)$/.exec(text);
      const value: Scalar = {
        kind: "scalar",
        at: item.at,
        tag: undefined,
        value: split?.[2] ?? null,
        ...(item.kind === "scalar" && item.filled === true ? { filled: true } : {}),
      };
      return [[split?.[1] ?? text, value]];
    }),
  );
}

function names(list: List): Mapping {
  return mapOf(
    list,
    list.items.flatMap((item): [string, Tree][] => {
      const name = textOf(item);
      return name === undefined ? [] : [[name, { kind: "scalar", at: item.at, tag: undefined, value: null }]];
    }),
  );
}
