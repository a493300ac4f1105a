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
  /** JSON pointer → line, 1-based. */
  readonly lines: Readonly<Record<string, number>>;
  readonly files: readonly SourceFile[];
}

export interface SourceFile {
  /** Below the template's `files/`, with forward slashes; a rendered file ends in `.hbs`. */
  readonly path: string;
  /** Text that is rendered is a string; what is copied may be either. */
  readonly content: string | Uint8Array;
}

/** `file:line` of a place in a manifest; the nearest known ancestor when the place itself has no line. */
export function placeOf(source: Source<unknown>, pointer: string): string {
  for (let at = pointer; at !== ""; at = at.slice(0, at.lastIndexOf("/"))) {
    const line = source.lines[at];
    if (line !== undefined) return `${source.path}:${line}`;
  }
  return source.path;
}
