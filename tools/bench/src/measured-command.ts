import { readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { findTool, run, toolPath } from "@bootstamp/witnesses";
import type { Usage } from "./usage.ts";

export interface CommandPlace {
  /** The working directory. */
  readonly folder: string;
  /** A folder whose programs come before all others. */
  readonly programs: string;
}

/**
 * Runs a shell command and measures it with GNU time, which asks the kernel for the sum over the whole process tree.
 * @throws Error with the command's last words if it fails, or if GNU time is not there.
 */
export async function measureCommand(command: string, { folder, programs }: CommandPlace): Promise<Usage> {
  const time = findTool("time");
  if (time === undefined) throw new Error("GNU time is not on PATH (Debian package time)");
  const report = join(tmpdir(), `bootstamp-bench-usage-${process.pid}`);
  const script = ["bash", "-euo", "pipefail", "-c", command];
  try {
    await run(time, ["--format=%e %U %S %M", `--output=${report}`, ...script], {
      cwd: folder,
      env: { PATH: programs + delimiter + toolPath() },
      timeout: 1_800_000,
    });
    return parseUsage(readFileSync(report, "utf8"));
  } finally {
    rmSync(report, { force: true });
  }
}

/** Parses `ELAPSED USER SYSTEM KIBIBYTES`, the last line of a report. */
export function parseUsage(report: string): Usage {
  const words = (report.trim().split("\n").at(-1) ?? "").split(" ").map(Number);
  const [wallSeconds = Number.NaN, user = Number.NaN, system = Number.NaN, kibibytes = Number.NaN] = words;
  if (![wallSeconds, user, system, kibibytes].every(Number.isFinite)) {
    throw new Error(`not a report of GNU time: ${report}`);
  }
  return { cpuSeconds: user + system, wallSeconds, peakBytes: kibibytes * 1024 };
}
