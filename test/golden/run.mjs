// pnpm golden: makes test/golden/trees equal to what the templates give now; stale files go. pnpm test compares.
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
if (process.argv.includes("--help")) {
  console.log("pnpm golden\n\nRewrites test/golden/trees from the templates. Look at git diff test/golden before you commit.");
  process.exit(0);
}
const ran = spawnSync("pnpm", ["exec", "vitest", "run", "test/golden/golden.test.ts"], {
  cwd: root,
  stdio: "inherit",
  env: { ...process.env, UPDATE_GOLDEN: "1" },
  shell: process.platform === "win32",
});
process.exit(ran.status ?? 1);
