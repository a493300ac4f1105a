import { defineConfig } from "vitest/config";

import { ByName } from "./by-name.ts";

/** One engine, one stack at a time, files in name order: the suite measures a running system, not code. */
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ["suite/**/*.test.ts"],
    globalSetup: ["./setup.ts"],
    fileParallelism: false,
    sequence: { concurrent: false, sequencer: ByName },
    testTimeout: 180_000,
    hookTimeout: 900_000,
    reporters: ["default", ["json", { outputFile: process.env["BREAKWATER_REPORT_E2E"] ?? ".work/report.json" }]],
  },
});
