import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The name of an image of `images/images.list`, as the suite built or pulled it. */
export function imageOf(name: string): string {
  for (const line of readFileSync(join(import.meta.dirname, "../images/images.list"), "utf8").split("\n")) {
    const [own, variable = "", reference = ""] = line.split(/\s+/);
    if (own === name) return process.env[variable] ?? reference;
  }
  throw new Error(`images.list has no image called ${name}`);
}
