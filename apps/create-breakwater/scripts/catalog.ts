import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ProblemError, type Source } from "@breakwater/model";
import { precompileTemplate } from "@breakwater/engine/compile";
import { loadCatalog } from "@breakwater/engine/node";

/**
 * Reads the templates once, at build: the catalog becomes one JSON file, what is copied one block of bytes beside it
 * (a run neither decodes nor encodes it), every `.hbs` file a function made by handlebars' own precompiler.
 * Arguments: templates folder, output folder.
 */
const [templates = "", out = ""] = process.argv.slice(2);
try {
  const catalog = loadCatalog(templates);
  mkdirSync(out, { recursive: true });
  const blocks: Buffer[] = [];
  const packed = ({ files, ...source }: Source<unknown>) => {
    const bytes = files.map((file) => (file.path.endsWith(".hbs") ? Buffer.alloc(0) : Buffer.from(file.content as string)));
    blocks.push(...bytes);
    return { ...source, files: files.map((file, index) => [file.path, bytes[index]?.length]) };
  };
  const json = JSON.stringify({ stacks: mapValues(catalog.stacks, packed), parts: mapValues(catalog.parts, packed) });
  writeFileSync(join(out, "catalog.json"), json);
  writeFileSync(join(out, "files.bin"), Buffer.concat(blocks));
  const sources = [...Object.entries(catalog.parts).map(([id, part]) => [`parts/${id}`, part] as const), ...Object.entries(catalog.stacks)];
  const specs = sources.flatMap(([origin, source]) =>
    source.files
      .filter((file) => file.path.endsWith(".hbs"))
      .map((file) => `${JSON.stringify(`${origin}:${file.path}`)}: ${precompileTemplate(String(file.content))}`),
  );
  writeFileSync(join(out, "templates.mjs"), `export const specs = {\n${specs.join(",\n")}\n};\n`);
} catch (error) {
  if (!(error instanceof ProblemError)) throw error;
  for (const problem of error.problems) console.error(`${problem.at}  ${problem.code}  ${problem.message}\n    ${problem.hint}`);
  process.exit(1);
}

function mapValues<In, Out>(record: Readonly<Record<string, In>>, map: (value: In) => Out): Readonly<Record<string, Out>> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}
