import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generateProject, type Renderer } from "@breakwater/engine";
import { compileTemplate } from "@breakwater/engine/compile";
import { loadCatalog } from "@breakwater/engine/node";
import { writeProject } from "@breakwater/engine/write";

/** Whole projects, generated and written one after another in one process. Prints how many a minute. Argument: templates. */
const catalog = loadCatalog(process.argv[2] ?? "templates");
const compiled = new Map<string, Renderer>();
const renderer = (key: string, source: string): Renderer => {
  const known = compiled.get(key) ?? compileTemplate(source);
  compiled.set(key, known);
  return known;
};
const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
const work = mkdtempSync(join(tmpdir(), "breakwater-warm-"));
const projects = 60;
const scaffold = (name: string) => {
  const options = { admin: true, domain: "localhost", tls: "modern", workflow: true };
  const { tree } = generateProject(catalog, { name, stack: "django-postgres", options }, { renderer, sha256 });
  writeProject({ target: join(work, name), tree, onConflict: "error" });
};
for (let i = 0; i < 5; i++) scaffold(`warm-up-${i}`);
const start = process.hrtime.bigint();
for (let i = 0; i < projects; i++) scaffold(`shop-${i}`);
const seconds = Number(process.hrtime.bigint() - start) / 1e9;
rmSync(work, { recursive: true, force: true });
console.log(JSON.stringify({ perMinute: Math.round((projects / seconds) * 60), msEach: Math.round((seconds * 1000) / projects) }));
