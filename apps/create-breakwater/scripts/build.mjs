// Bundles the CLI: one main file, the heavy libraries in chunks that load when a run needs them, the catalog inside.
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const here = join(dirname(fileURLToPath(import.meta.url)), "..");
const root = join(here, "../..");
const dist = join(here, "dist");
// Not in dist: what a failed build leaves must not be packed.
const work = join(here, ".build");

async function bundle(input, output, plugins = []) {
  const build = await rolldown({
    input,
    platform: "node",
    plugins,
    checks: { pluginTimings: false },
    onLog: (level, log, handler) => (level === "warn" && log.code === "EVAL" ? undefined : handler(level, log)),
  });
  const { output: chunks } = await build.write({
    format: "esm",
    minify: { compress: true, mangle: false, codegen: { removeWhitespace: true } },
    ...output,
  });
  await build.close();
  return chunks;
}

rmSync(dist, { recursive: true, force: true });
rmSync(work, { recursive: true, force: true });
mkdirSync(work, { recursive: true });
await bundle(join(here, "scripts/catalog.ts"), { dir: work, entryFileNames: "make-catalog.mjs" });
execFileSync(process.execPath, [join(work, "make-catalog.mjs"), join(root, "templates"), work], { stdio: "inherit" });

const version = JSON.parse(readFileSync(join(here, "package.json"), "utf8")).version;
const built = {
  name: "built",
  resolveId: (id) => {
    if (id === "built:templates") return join(work, "templates.mjs");
    if (id === "built:version") return "\0version";
    // The library's ES modules: of its Node build, one CommonJS file, nothing can be left out.
    return id === "yaml" ? join(root, "packages/engine/node_modules/yaml/browser/dist/index.js") : undefined;
  },
  load: (id) => (id === "\0version" ? `export const version = ${JSON.stringify(version)};` : undefined),
};
const chunks = await bundle(join(here, "src/main.ts"), { dir: dist, entryFileNames: "main.mjs", chunkFileNames: "[name]-[hash].mjs" }, [built]);
for (const file of ["catalog.json", "files.bin"]) copyFileSync(join(work, file), join(dist, file));
rmSync(work, { recursive: true });
copyFileSync(join(root, "LICENSE"), join(here, "LICENSE"));
writeFileSync(join(dist, "THIRD-PARTY-LICENSES.txt"), licences(chunks));

/** The licence text of every package that ended up in the bundle. */
function licences(output) {
  const modules = output.flatMap((chunk) => (chunk.type === "chunk" ? chunk.moduleIds : []));
  const folders = new Set(modules.flatMap((id) => /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(id.replaceAll("\\", "/"))?.[1] ?? []));
  const seen = new Map();
  for (const folder of folders) {
    const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const file = readdirSync(folder).find((name) => /^licen[cs]e/i.test(name));
    const text = file !== undefined && existsSync(join(folder, file)) ? readFileSync(join(folder, file), "utf8").trim() : "";
    seen.set(`${manifest.name}@${manifest.version}`, `${manifest.name} ${manifest.version} (${manifest.license ?? "see text"})\n\n${text}\n`);
  }
  return [...seen]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, text]) => text)
    .join(`\n${"-".repeat(80)}\n\n`);
}
