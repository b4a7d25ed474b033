// Sums up the JSON reports that vitest wrote for the projects: tells once more what failed, as the runs of many
// projects go on long after it, and ends with "N passed, N failed, N skipped".
// Fails where a test failed, where a test file could not even be read, where an error came up outside of the tests, and
// where nothing ran.
import { globSync, readFileSync } from "node:fs";

interface Test {
  status: string;
  fullName: string;
  failureMessages: string[];
}

interface Report {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  testResults: { name: string; status: string; message: string; assertionResults: Test[] }[];
}

const root = process.argv[2] ?? ".";
const reports = globSync("{*,*/*}/coverage/tests.json", { cwd: root }).map((path) => {
  const report: Report = JSON.parse(readFileSync(`${root}/${path}`, "utf8"));
  return report;
});

/** Files that failed although none of their tests did: a guard that threw, a syntax error, a failed hook. */
const brokenFiles = reports
  .flatMap((report) => report.testResults)
  .filter(({ status, assertionResults }) => {
    return status === "failed" && assertionResults.every((each) => each.status !== "failed");
  });
const unhandled = globSync("{*,*/*}/coverage/unhandled.json", { cwd: root }).flatMap((path) => {
  const errors: string[] = JSON.parse(readFileSync(`${root}/${path}`, "utf8"));
  return errors.map((error) => ({ path, error }));
});
const sum = (count: (report: Report) => number): number =>
  reports.reduce((total, report) => total + count(report), 0);

const passed = sum((report) => report.numPassedTests);
const failed = sum((report) => report.numFailedTests) + brokenFiles.length + unhandled.length;
const skipped = sum((report) => report.numPendingTests + report.numTodoTests);

for (const { name, assertionResults } of reports.flatMap((report) => report.testResults)) {
  for (const { status, fullName, failureMessages } of assertionResults) {
    if (status === "failed") console.log(`${name} failed: ${fullName}\n${failureMessages.join("\n")}\n`);
  }
}
for (const { name, message } of brokenFiles) console.log(`${name} could not be run: ${message}`);
for (const { path, error } of unhandled) console.log(`${path} has an error outside of all tests: ${error}`);
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
