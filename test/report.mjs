// Adds up what the runs of .ci/run reported: node test/report.mjs DIR FAILED_STEPS
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

const [dir = ".", failedSteps = "0"] = process.argv.slice(2);
let passed = 0;
let failed = 0;
let missing = 0;
// Tests of what has no stand-in, or is not in a stack, say so in their title. They did not run, and count for nothing; any other test that did
// not is a failure.
const notHere = new Map();
// The boot suite writes one report a stack, and first of all which ones there will be.
const plan = join(dir, "e2e.json");
const stacks = existsSync(plan) ? JSON.parse(readFileSync(plan, "utf8")).stacks : [];
for (const name of ["test.json", "e2e.json", ...stacks.map((stack) => `e2e-${stack}.json`)]) {
  const file = join(dir, name);
  if (!existsSync(file)) {
    console.log(`${name}: no report, so nothing of it counts as passed`);
    missing++;
    continue;
  }
  if (file === plan) continue;
  const report = JSON.parse(readFileSync(file, "utf8"));
  const idle = report.testResults.flatMap((suite) => suite.assertionResults.filter((test) => test.status === "pending" || test.status === "skipped"));
  const excused = idle.flatMap((test) => /\((?:no stand-in|not in this stack): [^)]+\)/.exec(test.fullName)?.[0] ?? []);
  for (const what of excused) notHere.set(what, (notHere.get(what) ?? 0) + 1);
  passed += report.numPassedTests;
  failed += report.numFailedTests + report.numPendingTests - excused.length;
  console.log(`${name}: ${report.numPassedTests} passed, ${report.numFailedTests} failed, ${report.numPendingTests} not run`);
  for (const suite of report.testResults)
    for (const test of suite.assertionResults) if (test.status === "failed") console.log(`  failed: ${test.fullName}`);
}
for (const [why, tests] of notHere) console.log(`not run: ${tests} tests ${why}`);
// A step that ended badly without a failed test of its own (a build, an install) must still count.
failed = Math.max(failed, Number(failedSteps), missing);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
