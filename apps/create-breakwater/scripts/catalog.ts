import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ProblemError } from "@breakwater/model";
import { precompileTemplate } from "@breakwater/engine/compile";
import { loadCatalog } from "@breakwater/engine/node";

/**
 * Reads the templates once, at build: the catalog becomes one JSON file, every `.hbs` file a function made by
 * handlebars' own precompiler. Arguments: templates folder, output folder.
 */
const [templates = "", out = ""] = process.argv.slice(2);
try {
  const catalog = loadCatalog(templates);
  mkdirSync(out, { recursive: true });
  writeFileSync(join(out, "catalog.json"), JSON.stringify(catalog));
  const sources = [...Object.entries(catalog.parts).map(([id, part]) => [`parts/${id}`, part] as const), ...Object.entries(catalog.stacks)];
  const specs = sources.flatMap(([origin, source]) =>
    source.files
      .filter((file) => file.path.endsWith(".hbs"))
      .map((file) => `${JSON.stringify(`${origin}:${file.path}`)}: ${precompileTemplate(file.content)}`),
  );
  writeFileSync(join(out, "templates.mjs"), `export const specs = {\n${specs.join(",\n")}\n};\n`);
} catch (error) {
  if (!(error instanceof ProblemError)) throw error;
  for (const problem of error.problems) console.error(`${problem.at}  ${problem.code}  ${problem.message}\n    ${problem.hint}`);
  process.exit(1);
}
