// pnpm bench [RUNS]: a whole scaffold (no questions, no git) as a process, paired with `node -e 0` and with copying the same tree.
// Prints medians; peak memory is what the child itself reports at its end. Then a warm process, and stacks of 10 to 1,000 services.
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const cli = join(root, "apps/create-breakwater/bin/create-breakwater.mjs");
const runs = Number(process.argv.slice(2).find((arg) => /^\d+$/.test(arg)) ?? 15);
const work = mkdtempSync(join(tmpdir(), "breakwater-bench-"));
const meter = join(work, "meter.mjs");
const peak = join(work, "peak");
writeFileSync(
  meter,
  `import { writeFileSync } from "node:fs";\nprocess.on("exit", () => writeFileSync(${JSON.stringify(peak)}, String(process.resourceUsage().maxRSS)));\n`,
);
// A bundle of extra CAs is read at every start of Node and has nothing to do with us.
const env = { ...process.env, NODE_EXTRA_CA_CERTS: undefined };
const time = (args, options = {}) => {
  const start = process.hrtime.bigint();
  const ran = spawnSync(process.execPath, args, { env, encoding: "utf8", ...options });
  if (ran.status !== 0) throw new Error(`${args.join(" ")}: ${ran.stderr}`);
  return Number(process.hrtime.bigint() - start) / 1e6;
};
const median = (list) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)];

const target = join(work, "shop");
const scaffold = [cli, target, "--stack", "django-postgres", "--yes", "--no-git", "-q"];
const figures = { empty: [], help: [], scaffold: [], copy: [] };
for (let i = 0; i <= runs; i++) {
  rmSync(target, { recursive: true, force: true });
  const round = { empty: time(["-e", "0"]), help: time([cli, "--help"]), scaffold: time(scaffold) };
  const copied = join(work, "copy");
  const start = process.hrtime.bigint();
  cpSync(target, copied, { recursive: true });
  round.copy = Number(process.hrtime.bigint() - start) / 1e6;
  rmSync(copied, { recursive: true });
  if (i > 0) for (const key of Object.keys(figures)) figures[key].push(round[key]);
}
rmSync(target, { recursive: true, force: true });
time(["--import", meter, ...scaffold]);
const memory = Number(readFileSync(peak, "utf8")) / 1024;
const base = median(figures.empty);
const row = (name, value, extra = "") => console.log(`| ${name} | ${value.toFixed(0)} ms | ${(value / base).toFixed(1)} × ${extra}|`);
console.log(`Node ${process.version}, ${runs} runs, medians\n\n| what | time | against \`node -e 0\` |\n|---|---|---|`);
row("`node -e 0`", base);
row("`create-breakwater --help`", median(figures.help));
row("whole scaffold, no git", median(figures.scaffold));
row("copying the same tree in a warm process", median(figures.copy));
console.log(`\nPeak memory of a scaffold: ${memory.toFixed(0)} MiB`);

/** Runs one of the files beside this one in a process of its own and gives what it prints. */
async function measure(name, args = []) {
  const build = await rolldown({ input: join(root, "test/bench", name), platform: "node", onLog: () => {} });
  const file = join(work, `${name}.mjs`);
  await build.write({ file, format: "esm" });
  await build.close();
  const ran = spawnSync(process.execPath, [file, ...args], { env, encoding: "utf8" });
  if (ran.status !== 0) throw new Error(ran.stderr);
  return JSON.parse(ran.stdout);
}
const warm = await measure("warm.ts", [join(root, "templates")]);
console.log(`One warm process: ${warm.perMinute} projects a minute, generated and written (${warm.msEach} ms each)`);
console.log(`\n| services | generated in | each |\n|---|---|---|`);
for (const { n, ms } of await measure("scaling.ts")) console.log(`| ${n} | ${ms.toFixed(0)} ms | ${(ms / n).toFixed(2)} ms |`);
rmSync(work, { recursive: true, force: true });
