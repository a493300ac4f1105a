import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A block of commands of a page, as a reader would copy it. */
export interface Block {
  readonly page: string;
  readonly line: number;
  readonly text: string;
}

/** Every block of shell commands in `docs/operations` of a project, page by page. */
export function blocksOf(dir: string): readonly Block[] {
  return readdirSync(join(dir, "docs/operations"))
    .filter((name) => name.endsWith(".md"))
    .toSorted()
    .flatMap((page) => blocksIn(join(dir, "docs/operations"), page));
}

/** Every block of shell commands of one page, from above. */
export function blocksIn(folder: string, page: string): readonly Block[] {
  const source = readFileSync(join(folder, page), "utf8");
  return [...source.matchAll(/^```sh\n([^]*?)^```$/gm)].map((match) => ({
    page,
    line: source.slice(0, match.index).split("\n").length + 1,
    text: (match[1] ?? "").trimEnd(),
  }));
}
