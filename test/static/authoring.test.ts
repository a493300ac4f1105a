import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "../..");
const doc = readFileSync(join(ROOT, "docs/authoring.md"), "utf8");
const spans = [...doc.replaceAll(/^```[^]*?^```/gm, "").matchAll(/`([^`\n]+)`/g)].map(([, span]) => span ?? "");

/** Names of all properties of a JSON schema, however deep. */
function namesIn(schema: unknown): readonly string[] {
  if (typeof schema !== "object" || schema === null) return [];
  if (Array.isArray(schema)) return schema.flatMap(namesIn);
  const { properties, ...rest } = schema as { readonly properties?: Readonly<Record<string, unknown>> };
  return [...Object.entries(properties ?? {}).flatMap(([name, value]) => [name, ...namesIn(value)]), ...Object.values(rest).flatMap(namesIn)];
}

describe("docs/authoring.md", () => {
  it.each(["stack", "part"])("names every key that the schema of a %s knows", (kind) => {
    const names = new Set(namesIn(JSON.parse(readFileSync(join(ROOT, `packages/model/schemas/${kind}.schema.json`), "utf8"))));
    expect(names.size).toBeGreaterThan(90);
    expect([...names].filter((name) => !spans.some((span) => new RegExp(`\\b${name}\\b`).test(span)))).toEqual([]);
  });

  it("names scripts and files that exist", () => {
    const scripts = Object.keys(JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")).scripts as object);
    const said = spans.flatMap((span) => /^pnpm ([a-z:0-9]+)/.exec(span)?.[1] ?? []).filter((script) => script !== "install");
    expect(said.filter((script) => !scripts.includes(script))).toEqual([]);
    const paths = spans.filter((span) => /^(test|packages)\/[^<]*$/.test(span));
    expect(paths.length).toBeGreaterThan(3);
    expect(paths.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });
});
