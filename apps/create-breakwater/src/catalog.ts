import { readFileSync } from "node:fs";
import type { Catalog } from "@breakwater/model";

interface Packed {
  readonly stacks: Readonly<Record<string, { files: readonly (readonly [string, number])[] }>>;
  readonly parts: Readonly<Record<string, { files: readonly (readonly [string, number])[] }>>;
}

/** The catalog this build carries: manifests were checked when it was made. What is copied stays bytes. */
export function builtCatalog(): Catalog {
  const { stacks, parts } = JSON.parse(readFileSync(new URL("catalog.json", import.meta.url), "utf8")) as Packed;
  const bytes = readFileSync(new URL("files.bin", import.meta.url));
  let at = 0;
  // In the order in which the build put them there: stacks, then parts.
  for (const source of [...Object.values(stacks), ...Object.values(parts)])
    source.files = source.files.map(([path, length]) => ({
      path,
      content: path.endsWith(".hbs") ? "" : bytes.subarray(at, (at += length)),
    })) as never;
  return { stacks, parts } as unknown as Catalog;
}
