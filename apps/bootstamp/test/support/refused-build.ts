import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect } from "vitest";
import { runCommand, type Outcome } from "./command.ts";
import { writeText } from "./workplace.ts";

/** Runs a build that has to fail with one clear line, and looks that nothing came of it. */
export async function refuseBuild(
  spec: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  const outcome = await runCommand(["build", spec], { environment });
  expect(existsSync(join(dirname(spec), "out"))).toBe(false);
  expect(outcome.err).toMatch(/^error: /);
  expect(outcome.err).not.toMatch(/unforeseen|internal error|\n +at /);
  return outcome;
}

/** Writes spec.yaml in a folder and returns its path. */
export function specIn(folder: string, text: string): string {
  return writeText(join(folder, "spec.yaml"), text);
}
