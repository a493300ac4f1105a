// pnpm test:defects [ID ...]: scaffolds, breaks on purpose, boots, and wants the named test red. Needs an engine.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "../..");
const source = readFileSync(join(here, "boot.ts"), "utf8");
const defects = [...source.matchAll(/id: "([^"]+)",\s*breaks: "([^"]+)",\s*caughtBy: "([^"]+)"/g)].map(([, id, breaks, caughtBy]) => ({
  id,
  breaks,
  caughtBy,
}));
const wanted = process.argv.slice(2).filter((arg) => arg !== "--");
let missed = 0;
for (const { id, breaks, caughtBy } of defects.filter((one) => wanted.length === 0 || wanted.includes(one.id))) {
  const ran = spawnSync("pnpm", ["exec", "vitest", "run", "--config", "test/e2e/vitest.config.ts", "-t", caughtBy], {
    cwd: root,
    encoding: "utf8",
    env: { ...process.env, BREAKWATER_DEFECT: id },
  });
  const applied = !/the defect does not apply|no such defect/.test(ran.stdout + ran.stderr);
  const red = ran.status !== 0 && applied;
  if (!red) missed++;
  console.log(
    `| ${id} | ${breaks} | ${caughtBy} | ${red ? (/ops\/up --production ended/.test(ran.stdout + ran.stderr) ? "red: does not come up" : "red") : applied ? "MISSED" : "DOES NOT APPLY"} |`,
  );
}
console.log(`${defects.length} defects known, ${missed} missed`);
process.exit(missed === 0 ? 0 : 1);
