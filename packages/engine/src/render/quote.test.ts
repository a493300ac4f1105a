import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { quoteEnv, quoteJson, quoteNginx, quotePython, quoteShell } from "./quote.ts";

const printable = fc.string({ unit: "binary" }).filter((word) => !/[\n\r\0]/.test(word) && word.isWellFormed());

describe("quoting", () => {
  it.skipIf(process.platform === "win32")("a shell reads back what went in", () => {
    fc.assert(
      fc.property(printable, (word) => {
        expect(execFileSync("sh", ["-c", `printf %s ${quoteShell(word)}`]).toString()).toBe(word);
      }),
      { numRuns: 60 },
    );
  });
  it("JSON reads back what went in", () => {
    fc.assert(
      fc.property(printable, (word) => {
        expect(JSON.parse(quoteJson(word))).toBe(word);
      }),
    );
  });
  it("Python's literal is ASCII and escapes", () => {
    expect(quotePython('a"b\\c\u00fc')).toBe('"a\\"b\\\\c\\u00fc"');
  });
  it("what a format cannot hold is an error", () => {
    expect(() => quoteNginx("$host")).toThrow(/\$/);
    expect(() => quoteEnv("it's")).toThrow(/quote/);
    expect(() => quoteShell("a\nb")).toThrow(/line break/);
    expect(() => quoteShell({})).toThrow(/not text/);
  });
});
