import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["tests/**/*.test.ts"],
    restoreMocks: true,
    unstubEnvs: true,
    // No test leaves anything behind, so files share a worker, and what is imported is imported once.
    isolate: false,
    maxWorkers: 2,
    // Hashing a password is slow on purpose, and slower on a busy machine.
    testTimeout: 60_000,
  },
});
