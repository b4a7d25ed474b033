import { createHash } from "node:crypto";
import { arch, cpus, loadavg, release, totalmem, type } from "node:os";
import { findTool, run } from "@bootstamp/witnesses";
import { spread } from "./statistics.ts";

/** How even the machine ran, seen before and after the benchmarks. */
export interface Steadiness {
  /** Wall seconds of one and the same piece of work. */
  readonly seconds: readonly number[];
  /** Processes that wanted to run, mean of the last minute. */
  readonly load: number;
}

const repeats = 7;

export function measureSteadiness(): Steadiness {
  const seconds: number[] = [];
  const bytes = Buffer.alloc(64 << 20);
  for (let repeat = 0; repeat < repeats; repeat++) {
    const started = performance.now();
    createHash("sha256").update(bytes).digest();
    seconds.push((performance.now() - started) / 1000);
  }
  return { seconds, load: loadavg()[0] ?? Number.NaN };
}

/** Lines that say what the numbers were measured on; nothing that names the machine. */
export async function describeMachine(fileSystem: string): Promise<string[]> {
  return [
    `${cpus().length} cores of ${cpus()[0]?.model.trim() ?? "an unknown kind"}, ${Math.round(totalmem() / 2 ** 30)} GiB of memory, ${type()} ${release().replace(/-.*/, "")} on ${arch()}, scratch files on ${fileSystem}`,
    `Node ${process.versions.node}, zlib ${process.versions.zlib}, zstd ${process.versions.zstd}; ${(await toolVersions()).join(", ")}`,
  ];
}

/** When it was, and how even the machine ran, on one line. */
export function describeCircumstances(when: Date, before: Steadiness, after: Steadiness): string {
  const apart = Math.round(spread([...before.seconds, ...after.seconds]) * 100);
  return `${when.toISOString().slice(0, 10)}, load ${before.load.toFixed(1)} before and ${after.load.toFixed(1)} after; one and the same piece of work took times that lay ${apart} % apart`;
}

const tools = ["gzip", "pigz", "bgzip", "libdeflate-gzip", "zstd", "xz", "cp", "debugfs", "mkfs.xfs"];

async function toolVersions(): Promise<string[]> {
  const versions = await Promise.all(tools.map(versionOf));
  return versions.filter((version) => version !== undefined);
}

/** The first number with a dot in what the tool says of itself. */
async function versionOf(tool: string): Promise<string | undefined> {
  if (findTool(tool) === undefined) return undefined;
  const flag = ["debugfs", "mkfs.xfs", "libdeflate-gzip"].includes(tool) ? "-V" : "--version";
  const printed = await run(tool, [flag], { statuses: [0, 1] });
  return `${tool} ${/\d+\.[\d.]+\d/.exec(printed)?.[0] ?? "of an unknown version"}`;
}

/** The kind of file system that holds `folder`, such as `ext2/ext3`. */
export async function fileSystemOf(folder: string): Promise<string> {
  return findTool("stat") === undefined
    ? "an unknown kind"
    : (await run("stat", ["-f", "-c", "%T", folder])).trim();
}
