import type { FileTree, TreeFile } from "./tree.ts";

/** What one path of the project would become. */
export interface Change {
  readonly kind: "add" | "same" | "conflict";
  readonly file: TreeFile;
}

/** What stands at a path now: its bytes, or something that is no regular file. */
export type Existing = { readonly kind: "file"; readonly content: Uint8Array } | { readonly kind: "other" };

/** Compares a tree with what is on disk. Pure: the disk is read by `readExisting` of `./node`. */
export function diffTree(tree: FileTree, existing: ReadonlyMap<string, Existing>, bytes: (file: TreeFile) => Uint8Array): readonly Change[] {
  return [...tree.values()].map((file): Change => {
    const there = existing.get(file.path);
    if (there === undefined) return { kind: "add", file };
    return { kind: there.kind === "file" && equal(there.content, bytes(file)) ? "same" : "conflict", file };
  });
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
