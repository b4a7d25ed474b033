import { debianPackageOf } from "./debian-packages.ts";
import { findTool } from "./find-tool.ts";

/** Options for vitest's `test` and `describe`, as their second argument. */
export interface Guard {
  /** Absent where the test runs: a false would override `test.skipIf`. */
  readonly skip?: true;
}

type Environment = Readonly<Record<string, string | undefined>>;

const said = new Set<string>();

/**
 * Guards tests that need tools on PATH or in the system folders, or files by their path: `test("...",
 * requires("e2fsck"), () => ...)`.
 *
 * Where one is missing, the test or group is skipped and the reason printed. With CI set it throws instead,
 * which fails the whole test file, so that nobody mistakes a machine without witnesses for a green one.
 */
export function requires(...tools: readonly string[]): Guard {
  return requiresIn(process.env, tools);
}

/**
 * Guards tests that need something other than a tool, such as root or a loop device.
 *
 * They are skipped with the reason where `met` is false, in CI too: a container may be unable to offer it.
 */
export function when(met: boolean, reason: string): Guard {
  if (met) return {};
  say(reason);
  return { skip: true };
}

/** {@link requires} in an environment that is given, for tests of the guard itself. */
export function requiresIn(environment: Environment, tools: readonly string[]): Guard {
  const missing = tools.filter((tool) => findTool(tool, environment["PATH"] ?? "") === undefined);
  const reason = missing.map(describeMissing).join("; ");
  if (missing.length > 0 && isContinuousIntegration(environment["CI"])) {
    throw new Error(`${reason}: a skip is a failure where CI is set`);
  }
  return when(missing.length === 0, reason);
}

function describeMissing(tool: string): string {
  const name = debianPackageOf(tool);
  return `${tool} is ${tool.includes("/") ? "not there" : "not on PATH"}${name === undefined ? "" : ` (Debian package ${name})`}`;
}

function isContinuousIntegration(value: string | undefined): boolean {
  return value !== undefined && !["", "0", "false"].includes(value.toLowerCase());
}

function say(reason: string): void {
  if (said.has(reason)) return;
  said.add(reason);
  console.warn(`skipped: ${reason}`);
}
