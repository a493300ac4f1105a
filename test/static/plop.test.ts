import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { contextOf, generateProject } from "@breakwater/engine";
import { compileTemplate, lintTemplate } from "@breakwater/engine/compile";
import { loadCatalog } from "@breakwater/engine/node";
import { type Catalog, checkPlan, optionsOf, parseAnswers, resolvePlan } from "@breakwater/model";

const ROOT = join(import.meta.dirname, "../..");
const STACK = ["stack", "a-new-stack", 'My "stack": & more', "What it is: a page, an API & an edge."];
const PART = ["part", "a-new-part", "Asks: is the API there?"];
const work = mkdtempSync(join(tmpdir(), "breakwater-plop-"));
const templates = join(work, "templates");
const plop = (...args: readonly string[]) => {
  const bin = join(ROOT, "node_modules/plop/bin/plop.js");
  const ran = spawnSync(process.execPath, [bin, "--cwd", ROOT, "--dest", work, "--no-progress", ...args], { encoding: "utf8", cwd: ROOT });
  return { code: ran.status, said: ran.stdout + ran.stderr };
};
const text = (path: string): string => readFileSync(join(templates, path), "utf8");

/** Loads as the build does, then walks the stages one by one; every answer of the stack is its default. */
function walk(stack: string) {
  const catalog = loadCatalog(templates);
  const parsed = parseAnswers(catalog, { name: "shop", stack });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  const plan = resolvePlan(catalog, parsed.answers);
  expect(checkPlan(plan)).toEqual([]);
  expect(lint(catalog, stack, contextOf(plan, optionsOf(catalog, stack)))).toEqual([]);
  return generateProject(catalog, parsed.answers, { renderer: (_, source) => compileTemplate(source), sha256: () => "0".repeat(64) });
}

function lint(catalog: Catalog, stack: string, context: Parameters<typeof lintTemplate>[2]) {
  const sources = [catalog.stacks[stack], ...Object.values(catalog.parts)].flatMap((source) => source?.files ?? []);
  return sources.filter(({ path }) => path.endsWith(".hbs")).flatMap(({ path, content }) => lintTemplate(path, String(content), context));
}

function listPart(stack: string): void {
  writeFileSync(join(templates, stack, "stack.yaml"), text(`${stack}/stack.yaml`).replace(/^parts: \[/m, "parts: [a-new-part, "));
}

/** Keys of a manifest; for a part, where all are explained, those of a service too. */
function keysOf(kind: "stack" | "part"): readonly string[] {
  const { properties } = JSON.parse(readFileSync(join(ROOT, `packages/model/schemas/${kind}.schema.json`), "utf8"));
  return Object.keys(kind === "stack" ? properties : { ...properties, ...properties.services.additionalProperties.properties });
}

describe("pnpm plop", () => {
  beforeAll(() => {
    cpSync(join(ROOT, "templates"), templates, { recursive: true, filter: (source) => !/\/(node_modules|\.venv|__pycache__)$/.test(source) });
    expect(plop(...STACK)).toMatchObject({ code: 0, said: expect.stringContaining("next: pnpm install, pnpm play --stack a-new-stack") });
    expect(plop(...PART)).toMatchObject({ code: 0, said: expect.stringContaining("next: list a-new-part under parts:") });
  });
  afterAll(() => rmSync(work, { recursive: true }));

  it("a new stack loads, resolves, has no problem, renders, and says what was typed", () => {
    const { plan, tree } = walk("a-new-stack");
    expect(plan.project.stackTitle).toBe(STACK[2]);
    expect(plan.services.map(({ name }) => name)).toEqual(["backend", "frontend", "proxy"]);
    expect(String(tree.get("services/frontend/public/index.html")?.content)).toContain("<title>Shop</title>");
    expect(JSON.parse(text("a-new-stack/package.json"))).toMatchObject({ name: "@breakwater/stack-a-new-stack", private: true });
    expect(text("a-new-stack/turbo.json")).toBe(text("django-postgres/turbo.json"));
    expect(text("a-new-stack/README.md")).toContain(`# ${STACK[2]}\n\n${STACK[3]}\n`);
  });

  it.each(["a-new-stack", "django-postgres"])("a new part is valid in %s as soon as it is listed", (stack) => {
    listPart(stack);
    const { plan, tree } = walk(stack);
    const service = plan.services.find(({ name }) => name === "a-new-part");
    expect(service).toMatchObject({ why: PART[2], networks: ["app"], environment: { API_HOST: "backend", API_PORT: "8000" } });
    expect(tree.get("services/a-new-part/run.sh")?.executable).toBe(true);
    expect(String(tree.get("docs/operations/a-new-part.md")?.content)).toContain("In shop it is unhealthy");
  });

  it.each([
    ["stack", "a-new-stack/stack.yaml"],
    ["part", "parts/a-new-part/part.yaml"],
  ] as const)("the manifest of a %s names its schema, and mentions every key that is possible", (kind, path) => {
    const schema = /^# yaml-language-server: \$schema=(.*)\n/.exec(text(path))?.[1] ?? "";
    expect(resolve(join(ROOT, "templates", dirname(path)), schema)).toBe(join(ROOT, `packages/model/schemas/${kind}.schema.json`));
    expect(keysOf(kind).filter((key) => !new RegExp(`\\b${key}:`).test(text(path)))).toEqual([]);
  });

  it.each([
    [
      "a stack's name that is taken",
      ["stack", "django-postgres", "T", "A sentence."],
      /'django-postgres' is taken: .*templates.django-postgres exists/,
    ],
    ["the folder of the parts", ["stack", "parts", "T", "A sentence."], /'parts' is taken/],
    ["a part's name that is taken", ["part", "redis", "A sentence."], /'redis' is taken: .*parts.redis exists/],
    ["a capital letter", ["stack", "A-Stack", "T", "A sentence."], /'A-Stack' cannot be the id of a stack: a-z, 0-9 and -/],
    ["a way out", ["part", "../escape", "A sentence."], /'\.\.\/escape' cannot be the id of a part/],
    ["no title", ["stack", "other", " ", "A sentence."], /title: say something/],
    ["too short a sentence", ["part", "other", "Short."], /summary: a sentence of 8 characters/],
  ] as const)("%s is refused, and nothing is written", (_, args, said) => {
    const before = [readdirSync(templates), readdirSync(join(templates, "parts"))];
    const ran = plop(...args);
    expect(ran.said).toMatch(said);
    expect(ran.code).toBe(1);
    expect([readdirSync(templates), readdirSync(join(templates, "parts"))]).toEqual(before);
    expect(existsSync(join(work, "escape"))).toBe(false);
  });
});
