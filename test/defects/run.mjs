// pnpm test:defects [ID ...] [--pending] [--write]: scaffolds, breaks on purpose, boots, and wants the named test red. Needs an engine.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "../..");
const args = process.argv.slice(2).filter((arg) => arg !== "--");
const write = args.includes("--write");
const pending = args.includes("--pending");
const table = args.includes("--table");
if (args.includes("--help") || args.some((arg) => arg.startsWith("--") && !["--write", "--pending", "--table"].includes(arg))) {
  console.log(
    "pnpm test:defects [ID ...] [--pending] [--write] | --table\n\nSeeds defects into a scaffolded project, one at a time, boots it and wants the boot suite red.\nNeeds what test:e2e needs.\n  --pending   those that docs/controls.md does not know as red\n  --write     puts the results into docs/controls.md, one by one; the others' rows stay\n  --table     writes the page from what it knows already, with a row for each new defect; runs nothing",
  );
  process.exit(args.includes("--help") ? 0 : 2);
}
process.env.TURBO_TELEMETRY_DISABLED = "1";

const engine = table ? { status: 0 } : spawnSync("docker", ["info", "--format", "{{.ServerVersion}}"], { encoding: "utf8" });
if (engine.status !== 0) {
  console.error("The defects need a Docker engine, and none answers (docker info).\nOn Debian 12, as root: test/e2e/engine/install");
  process.exit(1);
}
for (const [command, ...argv] of table
  ? []
  : [[join(root, "test/e2e/images/build")], ["pnpm", "exec", "turbo", "run", "build", "--output-logs=errors-only"]]) {
  const ran = spawnSync(command, argv, { cwd: root, stdio: ["ignore", "ignore", "inherit"] });
  if (ran.status !== 0) process.exit(1);
}

const { BOOT_DEFECTS } = await load("boot.ts");
const { STATIC_DEFECTS } = await load("static.ts");
const known = readRows();
if (table) {
  writeFileSync(join(root, "docs/controls.md"), page());
  process.exit(0);
}
const wanted = [
  ...args.filter((arg) => !arg.startsWith("--")),
  ...(pending ? BOOT_DEFECTS.map(({ id }) => id).filter((id) => !known.get(id)?.result.startsWith("red")) : []),
];
if (pending && wanted.length === 0) {
  console.log("docs/controls.md knows all of them as red");
  process.exit(0);
}
const unknown = wanted.filter((id) => !BOOT_DEFECTS.some((one) => one.id === id));
if (unknown.length > 0) {
  console.error(`no such defect: ${unknown.join(", ")}\n    one of: ${BOOT_DEFECTS.map((one) => one.id).join(", ")}`);
  process.exit(2);
}

const rows = [];
for (const { id, breaks, caughtBy, stack, on } of BOOT_DEFECTS.filter((one) => wanted.length === 0 || wanted.includes(one.id))) {
  const row = { result: run(id, caughtBy, stack, on), seen: `${new Date().toISOString().slice(0, 10)}, ${git("rev-parse", "--short", "HEAD")}` };
  rows.push(row);
  known.set(id, row);
  console.log(line({ id, breaks, caughtBy }));
  // At once: a run of all of them takes more than an hour, and may be cut off.
  if (write) writeFileSync(join(root, "docs/controls.md"), page());
}
const missed = rows.filter(({ result }) => !result.startsWith("red"));
console.log(`${rows.length} defects seeded, ${missed.length} missed`);
process.exit(missed.length === 0 ? 0 : 1);

/** The rows of docs/controls.md as they are: id to result and when it was seen. */
function readRows() {
  const text = readFileSync(join(root, "docs/controls.md"), "utf8");
  return new Map(
    [...text.matchAll(/^\| `([^`]+)` \|[^|]*\|[^|]*\|([^|]*)\|([^|]*)\|$/gm)].map(([, id, result, seen]) => [
      id,
      { result: result.trim(), seen: seen.trim() },
    ]),
  );
}

function git(...argv) {
  return spawnSync("git", argv, { cwd: root, encoding: "utf8" }).stdout.trim();
}

/** `red` when the named test fails, or when the stack that cannot come up with this defect does not; else what went wrong. */
function run(id, caughtBy, stack, on) {
  const report = join(mkdtempSync(join(tmpdir(), "breakwater-defect-")), "report.json");
  const argv = ["exec", "vitest", "run", "--config", "test/e2e/vitest.config.ts", "-t", caughtBy];
  const ran = spawnSync("pnpm", argv, {
    cwd: root,
    encoding: "utf8",
    env: {
      ...process.env,
      ...(stack === undefined ? {} : { STACK: stack }),
      // A test that boots a project of its own needs no other one beside it.
      ...(on === undefined ? {} : { E2E_UNBOOTED: "1" }),
      BREAKWATER_DEFECT: id,
      BREAKWATER_REPORT_E2E: report,
    },
    maxBuffer: 1 << 28,
  });
  const said = ran.stdout + ran.stderr;
  if (/the defect does not apply|no such defect/.test(said)) return "DOES NOT APPLY";
  const notBooted = BOOT_DEFECTS.find((one) => one.id === id).mayNotBoot ? "red: does not come up" : "NOT BOOTED";
  if (/ops\/up --production ended with/.test(said)) return notBooted;
  const named = readTests(report);
  const tests = named.filter(({ status }) => status === "passed" || status === "failed");
  rmSync(dirname(report), { recursive: true, force: true });
  if (tests.length === 0) {
    const wanted = named.find(({ fullName }) => fullName.includes(caughtBy));
    const without = wanted?.fullName.match(/\((no stand-in: [^)]+)\)/)?.[1];
    if (without !== undefined) return `not here: ${without}`;
    // Its own project was not there to be asked.
    if (wanted?.file.status !== "failed") return "NO SUCH TEST";
    console.log(`  ${wanted.file.message.split("\n").slice(-30).join("\n  ")}`);
    return notBooted;
  }
  // A test that is red for another reason than the defect would prove nothing: what it said is for whoever reads along.
  const failures = tests.flatMap(({ failureMessages }) => failureMessages ?? []);
  for (const message of failures) console.log(`  ${message.split("\n").slice(0, 12).join("\n  ")}`);
  return tests.some(({ status }) => status === "failed") ? "red" : "MISSED";
}

function readTests(report) {
  try {
    return JSON.parse(readFileSync(report, "utf8")).testResults.flatMap((file) => file.assertionResults.map((test) => ({ ...test, file })));
  } catch {
    return [];
  }
}

function line({ id, breaks, caughtBy }) {
  const { result, seen } = known.get(id) ?? { result: "not run yet", seen: "-" };
  return `| \`${id}\` | ${breaks} | ${caughtBy}… | ${result} | ${seen} |`;
}

/** Where it ran, as the page says it: a run writes anew, `--table` keeps. */
function lab() {
  if (table) return /^.* writes this table, (.*) the last time\./m.exec(readFileSync(join(root, "docs/controls.md"), "utf8"))[1];
  const standIns = readFileSync(join(root, "test/e2e/.images-used"), "utf8").includes("stand-in");
  return `engine ${engine.stdout.trim()}, ${standIns ? "stand-ins of the official images" : "official images"}`;
}

function page() {
  return `# Controls, and the defects that prove them

A control is tested when a deliberate break of it turns a test red. What a scaffolded project promises, by which file and by
which test, stands in its own \`docs/controls.md\`; this page is about the tests.

## On a running stack

\`npx pnpm@12 test:defects --write\` writes this table, ${lab()} the last time. Each row is a
project of its own, scaffolded, broken, booted and torn down. A row that was not run yet proves nothing: \`--pending\` runs those.

| defect | what is broken | the test that must fail | result | seen on |
|---|---|---|---|---|
${BOOT_DEFECTS.map(line).join("\n")}

## Without an engine

These run in every \`npx pnpm@12 test\` (\`test/defects/static.test.ts\`): the break is seeded into a scaffolded project and the rule of
\`breakwater check\` must find it.

| defect | what is broken | rule |
|---|---|---|
${STATIC_DEFECTS.map(({ id, breaks, caughtBy }) => `| \`${id}\` | ${breaks} | \`${caughtBy}\` |`).join("\n")}
`;
}

/** The lists are TypeScript, which the oldest Node we support does not read. */
async function load(name) {
  const out = mkdtempSync(join(tmpdir(), "breakwater-defects-"));
  const build = await rolldown({ input: join(here, name), platform: "node", onLog: () => {} });
  await build.write({ file: join(out, "list.mjs"), format: "esm" });
  await build.close();
  const list = await import(join(out, "list.mjs"));
  rmSync(out, { recursive: true });
  return list;
}
