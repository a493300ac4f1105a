import type { Problem } from "@breakwater/model";

import type { AuditInput, Configuration, Found, Place } from "../words.ts";
import { interpolate, type Unset } from "./interpolate.ts";
import { mergeTrees, normalise } from "./merge.ts";
import { entryOf, type Entry, type Mapping, parseTree, textOf, textsOf, type Tree, valueAt } from "./tree.ts";

/** One configuration as Compose would start it: interpolated, merged, extended. */
export interface Merged {
  readonly configuration: Configuration;
  readonly root: Tree;
  readonly services: ReadonlyMap<string, Entry>;
  /** What reading itself found: variables that nothing sets. */
  readonly found: readonly Found[];
}

export type Loaded = { readonly ok: true; readonly merged: Merged } | { readonly ok: false; readonly problems: readonly Problem[] };

/** Reads one configuration. Codes: `compose-file-missing`, `yaml-invalid`, `compose-invalid`. */
export function loadConfiguration(input: AuditInput, configuration: Configuration): Loaded {
  const reader = new Reader(input);
  let root: Tree | undefined;
  for (const file of configuration.files) {
    const tree = reader.read(file, { file, line: 1 }, []);
    if (tree !== undefined) root = root === undefined ? tree : mergeTrees(root, tree);
  }
  const services = valueAt(root, "services");
  if (reader.problems.length === 0 && (root?.kind !== "map" || services?.kind !== "map"))
    reader.problems.push(invalid({ file: configuration.files[0] ?? "", line: 1 }, "there are no services in it"));
  if (root === undefined || services?.kind !== "map" || reader.problems.length > 0) return { ok: false, problems: reader.problems };
  const wrong = [...services.entries].filter(([, entry]) => entry.value.kind !== "map");
  if (wrong.length > 0) return { ok: false, problems: wrong.map(([name, entry]) => invalid(entry.key, `the service '${name}' is not a map`)) };
  return { ok: true, merged: { configuration, root, services: services.entries, found: reader.found } };
}

class Reader {
  readonly problems: Problem[] = [];
  readonly found: Found[] = [];
  private readonly input: AuditInput;
  private readonly parsed = new Map<string, Tree | undefined>();

  constructor(input: AuditInput) {
    this.input = input;
  }

  /** A file with what it includes and extends. `stack` are the files that led here. */
  read(file: string, from: Place, stack: readonly string[]): Tree | undefined {
    if (stack.includes(file)) {
      this.problems.push(invalid(from, `${file} includes itself`));
      return undefined;
    }
    const tree = this.parse(file, from);
    if (tree === undefined) return undefined;
    let whole: Tree = { ...tree, ...(tree.kind === "map" ? { entries: new Map([...tree.entries].filter(([key]) => key !== "include")) } : {}) };
    const include = valueAt(tree, "include");
    for (const one of include?.kind === "list" ? include.items : []) {
      const paths = one.kind === "map" ? textsOf(valueAt(one, "path")) : textsOf(one);
      // Files of one entry merge in their order; what includes them has the last word.
      let included: Tree | undefined;
      for (const path of paths) {
        const next = this.read(resolvePath(file, path), one.at, [...stack, file]);
        if (next !== undefined) included = included === undefined ? next : mergeTrees(included, next);
      }
      if (included !== undefined) whole = mergeTrees(included, whole) ?? whole;
    }
    const services = valueAt(whole, "services");
    if (whole.kind !== "map" || services?.kind !== "map") return whole;
    const extended: [string, Entry][] = [...services.entries].map(([name, entry]) => [
      name,
      { key: entry.key, value: this.extend(file, name, entry.value, []) },
    ]);
    const key = whole.entries.get("services")?.key ?? whole.at;
    return { ...whole, entries: new Map([...whole.entries, ["services", { key, value: { ...services, entries: new Map(extended) } }]]) };
  }

  private extend(file: string, name: string, service: Tree, stack: readonly string[]): Tree {
    const wish = entryOf(service, "extends");
    if (wish === undefined || service.kind !== "map") return service;
    const own: Mapping = { ...service, entries: new Map([...service.entries].filter(([key]) => key !== "extends")) };
    const path = textOf(valueAt(wish.value, "file"));
    const source = path === undefined ? file : resolvePath(file, path);
    const wanted = textOf(wish.value.kind === "map" ? valueAt(wish.value, "service") : wish.value) ?? name;
    const id = `${source} ${wanted}`;
    const base = valueAt(this.parse(source, wish.key), "services", wanted);
    if (base === undefined || stack.includes(id)) {
      this.problems.push(invalid(wish.key, base === undefined ? `there is no service '${wanted}' in ${source}` : `'${name}' extends itself`));
      return own;
    }
    return mergeTrees(this.extend(source, wanted, base, [...stack, id]), own) ?? own;
  }

  private parse(file: string, from: Place): Tree | undefined {
    if (this.parsed.has(file)) return this.parsed.get(file);
    const content = this.input.files.get(file);
    if (content === undefined) {
      this.problems.push({
        code: "compose-file-missing",
        at: `${from.file}:${from.line}`,
        message: `${file} is not there, or lies outside of the project`,
        hint: "check the path; breakwater check DIR reads nothing outside of DIR",
      });
      return undefined;
    }
    const parsed = parseTree(file, content.text);
    if (!parsed.ok) this.problems.push(...parsed.problems);
    const tree = parsed.ok ? normalise(this.fill(parsed.root)) : undefined;
    this.parsed.set(file, tree);
    return tree;
  }

  private fill(tree: Tree): Tree {
    if (tree.kind === "list") return { ...tree, items: tree.items.map((item) => this.fill(item)) };
    if (tree.kind === "map")
      return {
        ...tree,
        entries: new Map([...tree.entries].map(([name, entry]): [string, Entry] => [name, { key: entry.key, value: this.fill(entry.value) }])),
      };
    if (typeof tree.value !== "string" || !tree.value.includes("$")) return tree;
    const unset: Unset[] = [];
    const value = interpolate(tree.value, this.input.env, unset);
    for (const { name, required } of unset)
      this.found.push({
        rule: "variable-unset",
        at: [tree.at],
        message: required === undefined ? `${name} is set nowhere, so Compose puts nothing in its place` : `${name} must be set (${required})`,
        hint: `add ${name}= to .env.example, or a default: \${${name}:-value}`,
      });
    return { ...tree, value, filled: true };
  }
}

function invalid(at: Place, message: string): Problem {
  return { code: "compose-invalid", at: `${at.file}:${at.line}`, message, hint: "docker compose config says more" };
}

/** A path written in `file`, below the project's folder; one that leaves it keeps its `..`. */
export function resolvePath(file: string, path: string): string {
  if (path.startsWith("/") || path.startsWith("~")) return path;
  const parts = file.split("/").slice(0, -1);
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === ".." && parts.length > 0 && parts.at(-1) !== "..") parts.pop();
    else parts.push(part);
  }
  return parts.join("/");
}
