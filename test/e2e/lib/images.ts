import { readFileSync } from "node:fs";
import { join } from "node:path";

import { must } from "./run.ts";

const FOLDER = join(import.meta.dirname, "../images");

function rows(): readonly (readonly string[])[] {
  return readFileSync(join(FOLDER, "images.list"), "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => line.split(/\s+/));
}

/** The name of an image of `images/images.list`, as the suite built or pulled it. */
export function imageOf(name: string): string {
  for (const [own, variable = "", reference = ""] of rows()) if (own === name) return process.env[variable] ?? reference;
  throw new Error(`images.list has no image called ${name}`);
}

/** Makes what a scaffolded project names and not every run needs. */
export async function makeImagesOf(dir: string): Promise<void> {
  const named = readFileSync(join(dir, "ops/data/images.tsv"), "utf8");
  const asked = rows().flatMap(([name = "", , reference = "", word]) => (word === "asked" && named.includes(`\t${reference}\n`) ? [name] : []));
  if (asked.length > 0) await makeImage(...asked);
}

/** Makes these images of images.list, when they are not here yet. */
export async function makeImage(...names: readonly string[]): Promise<void> {
  await must(join(FOLDER, "build"), names, { timeout: 900_000 });
}
