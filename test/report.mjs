// Adds up what the runs of .ci/run reported: node test/report.mjs DIR FAILED_STEPS
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

const [dir = ".", failedSteps = "0"] = process.argv.slice(2);
let passed = 0;
let failed = 0;
let missing = 0;
for (const name of ["test.json", "e2e.json"]) {
  const file = join(dir, name);
  if (!existsSync(file)) {
    console.log(`${name}: no report, so nothing of it counts as passed`);
    missing++;
    continue;
  }
  const report = JSON.parse(readFileSync(file, "utf8"));
  passed += report.numPassedTests;
  failed += report.numFailedTests + report.numPendingTests;
  console.log(`${name}: ${report.numPassedTests} passed, ${report.numFailedTests} failed, ${report.numPendingTests} not run`);
  for (const suite of report.testResults)
    for (const test of suite.assertionResults) if (test.status === "failed") console.log(`  failed: ${test.fullName}`);
}
// A step that ended badly without a failed test of its own (a build, an install) must still count.
failed = Math.max(failed, Number(failedSteps), missing);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
