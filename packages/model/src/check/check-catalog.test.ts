import { describe, expect, it } from "vitest";

import type { Catalog } from "../catalog.ts";
import { catalogOf, sampleStack } from "../testing/catalog.ts";
import { checkCatalog } from "./check-catalog.ts";

/** The sample, with pages in its files/ and in its manifest. */
function withPages(files: readonly string[], pages: Readonly<Record<string, string>>): Catalog {
  const catalog = catalogOf({ ...sampleStack(), pages });
  const [[id, stack]] = Object.entries(catalog.stacks) as [[string, Catalog["stacks"][string]]];
  return { ...catalog, stacks: { [id]: { ...stack, files: files.map((path) => ({ path, content: "" })) } } };
}

describe("checkCatalog", () => {
  it("a page and its line in the index belong together", () => {
    const files = ["docs/start.md.hbs", "docs/picture.svg", "services/readme.md"];
    expect(checkCatalog(withPages(files, { "docs/start.md": "how to begin" }))).toEqual([]);
    expect(checkCatalog(withPages(files, {}))).toMatchObject([{ code: "page-unlisted", message: expect.stringContaining("docs/start.md") }]);
    expect(checkCatalog(withPages([], { "docs/start.md": "how to begin" }))).toMatchObject([{ code: "page-missing" }]);
  });
});
