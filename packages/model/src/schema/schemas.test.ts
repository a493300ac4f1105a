import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { z } from "zod";

import { partIncludeSchema, partSchema, stackIncludeSchema, stackSchema } from "./index.ts";

/** `pnpm schemas` sets the variable and writes what the editors read; without it the files must be fresh. */
function expectFresh(name: string, schema: unknown): void {
  const file = new URL(`../../schemas/${name}.schema.json`, import.meta.url);
  const text = `${JSON.stringify(schema, null, 2)}\n`;
  if (process.env["UPDATE_SCHEMAS"] === "1") writeFileSync(file, text);
  expect(readFileSync(file, "utf8")).toBe(text);
}

describe("JSON schemas", () => {
  it.each([
    ["stack", stackSchema],
    ["part", partSchema],
  ] as const)("%s.schema.json is fresh (pnpm schemas)", (name, schema) => {
    expectFresh(name, z.toJSONSchema(schema, { io: "input" }));
  });

  it.each([
    ["stack", stackIncludeSchema],
    ["part", partIncludeSchema],
  ] as const)("%s-include.schema.json has the sections alone, and is fresh (pnpm schemas)", (name, schema) => {
    const sections = Object.keys(schema.shape).map((key) => [key, { $ref: `${name}.schema.json#/properties/${key}` }]);
    const { $schema, type, additionalProperties, description } = z.toJSONSchema(schema, { io: "input" });
    expectFresh(`${name}-include`, { $schema, type, properties: Object.fromEntries(sections), additionalProperties, description });
  });
});
