import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";

const script = fileURLToPath(new URL("../src/test-totals.ts", import.meta.url));
let root = "";

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "test-totals-"));
});

afterEach(() => rmSync(root, { recursive: true }));

function report(project: string, counts: readonly number[], testResults: readonly object[] = []): void {
  const [numPassedTests = 0, numFailedTests = 0, numPendingTests = 0, numTodoTests = 0] = counts;
  mkdirSync(join(root, project, "coverage"), { recursive: true });
  const content = { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults };
  writeFileSync(join(root, project, "coverage/tests.json"), JSON.stringify(content));
}

function totals(): { status: number | null; lines: string[] } {
  const { status, stdout } = spawnSync(process.execPath, [script, root], { encoding: "utf8" });
  return { status, lines: stdout.trimEnd().split("\n") };
}

test("sums up all projects, at the root and in folders", () => {
  report("packages/a", [3, 0, 1]);
  report("test-images", [4, 0, 0, 2]);
  expect(totals()).toEqual({ status: 0, lines: ["7 passed, 0 failed, 3 skipped"] });
});

test("fails where a test failed, and tells which and why", () => {
  const assertionResults = [
    { status: "passed", fullName: "mends", failureMessages: [] },
    { status: "failed", fullName: "reads", failureMessages: ["expected 1 to be 2\n    at x.test.ts:3:1"] },
  ];
  report("packages/a", [3, 1, 0], [{ name: "x.test.ts", status: "failed", message: "", assertionResults }]);
  expect(totals()).toEqual({
    status: 1,
    lines: [
      "x.test.ts failed: reads",
      "expected 1 to be 2",
      "    at x.test.ts:3:1",
      "",
      "3 passed, 1 failed, 0 skipped",
    ],
  });
});

test("counts a file that could not be run as a failure", () => {
  const broken = { name: "x.test.ts", status: "failed", message: "no e2fsck", assertionResults: [] };
  report("packages/a", [3, 0, 0], [broken]);
  expect(totals()).toEqual({
    status: 1,
    lines: ["x.test.ts could not be run: no e2fsck", "3 passed, 1 failed, 0 skipped"],
  });
});

test("counts an error outside of all tests as a failure", () => {
  report("packages/a", [3, 0, 0]);
  writeFileSync(join(root, "packages/a/coverage/unhandled.json"), '["Error: write EPIPE"]');
  report("packages/b", [1, 0, 0]);
  writeFileSync(join(root, "packages/b/coverage/unhandled.json"), "[]");
  expect(totals()).toEqual({
    status: 1,
    lines: [
      "packages/a/coverage/unhandled.json has an error outside of all tests: Error: write EPIPE",
      "4 passed, 1 failed, 0 skipped",
    ],
  });
});

test("fails where nothing ran", () => {
  expect(totals()).toEqual({ status: 1, lines: ["0 passed, 0 failed, 0 skipped"] });
});
