import { defineConfig } from "vitest/config";

/** The pages of a stack in a real browser, without an engine: against a fake of its API. Needs chromium and the npm registry. */
export default defineConfig({
  test: { root: import.meta.dirname, include: ["**/*.test.ts"], fileParallelism: false, testTimeout: 300_000, hookTimeout: 300_000 },
});
