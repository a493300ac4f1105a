import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["packages/*/src/**/*.test.ts", "apps/*/{src,test}/**/*.test.ts", "test/{render,golden,static,ops,defects}/**/*.test.ts"],
    exclude: ["**/node_modules/**", "templates/**"],
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
