import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { findTool, toolPath } from "@bootstamp/witnesses";

/** A file system that shares blocks between files, in a file, for as long as the benchmarks run. */
export interface LoopXfs {
  /** Where it is mounted. */
  readonly folder: string;
  remove(): void;
}

const tools = ["truncate", "mkfs.xfs", "mount", "umount"];

/** Mounts a new XFS of `length` bytes at `folder`, or returns undefined where that cannot be: it takes root and tools. */
export function mountXfs(folder: string, length: number): LoopXfs | undefined {
  if (process.getuid?.() !== 0 || tools.some((tool) => findTool(tool) === undefined)) return undefined;
  const image = `${folder}.img`;
  mkdirSync(folder);
  try {
    system("truncate", ["-s", String(length), image]);
    system("mkfs.xfs", ["-q", "-m", "reflink=1", image]);
    system("mount", ["-o", "loop", image, folder]);
  } catch {
    rmSync(image, { force: true });
    return undefined;
  }
  const remove = (): void => {
    // The kernel gives the loop device back by itself.
    system("umount", [folder]);
    rmSync(image, { force: true });
  };
  return { folder, remove };
}

function system(command: string, args: readonly string[]): void {
  execFileSync(command, args, { stdio: "pipe", env: { ...process.env, PATH: toolPath() } });
}
