import { readFileSync } from "node:fs";

import { ConfigurationError } from "./environment.ts";

/**
 * The lines of a secret file: the value to use, then another that is good as well.
 *
 * `ops/secrets rotate` rewrites the file in place, because a container keeps the file that it was started with. So it
 * may be read while it is written: what two readings agree on is whole.
 */
export function secretValues(path: string): readonly string[] {
  let content = readFileSync(path, "utf8");
  for (;;) {
    const again = readFileSync(path, "utf8");
    if (again === content) break;
    content = again;
  }
  return content
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

/** Ends the process at its start, rather than at the first connection. */
export function demandSecret(variable: string, path: string): void {
  const next = "run ops/secrets init in the project's folder, then start the service again";
  try {
    if (secretValues(path).length > 0) return;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === "ENOENT" ? "does not exist" : `cannot be read by uid ${process.getuid?.() ?? "?"} (${code})`;
    throw new ConfigurationError(`the secret file ${path} (${variable}) ${why}: ${next}`, { cause: error });
  }
  throw new ConfigurationError(`the secret file ${path} (${variable}) is empty: ${next}`);
}
