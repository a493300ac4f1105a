import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { z } from "zod";

import { partSchema, stackSchema } from "./index.ts";

/** `pnpm schemas` sets the variable and writes what the editors read; without it the files must be fresh. */
describe("JSON schemas", () => {
  it.each([
    ["stack", stackSchema],
    ["part", partSchema],
  ] as const)("%s.schema.json is fresh (pnpm schemas)", (name, schema) => {
    const file = new URL(`../../schemas/${name}.schema.json`, import.meta.url);
    const text = `${JSON.stringify(z.toJSONSchema(schema, { io: "input" }), null, 2)}\n`;
    if (process.env["UPDATE_SCHEMAS"] === "1") writeFileSync(file, text);
    expect(readFileSync(file, "utf8")).toBe(text);
  });
});
