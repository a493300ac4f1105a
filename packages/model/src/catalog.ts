import type { PartManifest, StackManifest } from "./schema/index.ts";

/** Every stack and part that can be scaffolded, as data. */
export interface Catalog {
  readonly stacks: Readonly<Record<string, Source<StackManifest>>>;
  readonly parts: Readonly<Record<string, Source<PartManifest>>>;
}

/** One manifest with the places of its lines and the files beside it. */
export interface Source<Manifest> {
  readonly manifest: Manifest;
  /** The manifest's path, as problems print it (`templates/parts/redis/part.yaml`). */
  readonly path: string;
  /** JSON pointer → line, 1-based; in an included file `manifest/services.yaml:12`, from the manifest's folder. */
  readonly lines: Readonly<Record<string, number | string>>;
  readonly files: readonly SourceFile[];
}

export interface SourceFile {
  /** Below the template's `files/`, with forward slashes; a rendered file ends in `.hbs`. */
  readonly path: string;
  /** Text that is rendered is a string; what is copied may be either. */
  readonly content: string | Uint8Array;
}

/** The JSON pointer to a place in a manifest. Pages are keyed by paths, so what a pointer has for itself is written otherwise. */
export function pointerTo(...keys: readonly PropertyKey[]): string {
  return keys.map((key) => `/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

/** `file:line` of a place in a manifest; the nearest known ancestor when the place itself has no line. */
export function placeOf(source: Pick<Source<unknown>, "path" | "lines">, pointer: string): string {
  for (let at = pointer; at !== ""; at = at.slice(0, at.lastIndexOf("/"))) {
    const line = source.lines[at];
    if (typeof line === "number") return `${source.path}:${line}`;
    if (line !== undefined) return source.path.replace(/[^/]*$/, line);
  }
  return source.path;
}
