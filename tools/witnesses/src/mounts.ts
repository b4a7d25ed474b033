import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { when, type Guard } from "./requires.ts";

/** Guards tests that mount file systems of their own. */
export function canMount(): Guard {
  return when(mountsWork(), "file systems cannot be mounted here (not root?)");
}

/** Runs `use` with an empty, mounted tmpfs of `size`, such as `1m`. */
export async function withTmpfs(size: string, use: (directory: string) => Promise<void>): Promise<void> {
  await withMounted(["-t", "tmpfs", "-o", `size=${size}`, "none"], use);
}

/** Runs `use` with an empty, mounted XFS, which shares blocks between clones. */
export async function withXfs(use: (directory: string) => Promise<void>): Promise<void> {
  const folder = makeFolder();
  try {
    const image = join(folder, "xfs.img");
    writeFileSync(image, "");
    truncateSync(image, 400 << 20);
    execFileSync("mkfs.xfs", ["-q", "-m", "reflink=1", image]);
    await withMounted(["-o", "loop", image], use);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function withMounted(
  args: readonly string[],
  use: (directory: string) => Promise<void>,
): Promise<void> {
  const folder = makeFolder();
  const directory = join(folder, "mounted");
  mkdirSync(directory);
  execFileSync("mount", [...args, directory]);
  try {
    await use(directory);
  } finally {
    // Lazily: a failed test may have left files open, and its error must be the one that is seen.
    execFileSync("umount", ["-l", directory]);
    rmdirSync(directory);
    rmdirSync(folder);
  }
}

function mountsWork(): boolean {
  const directory = makeFolder();
  try {
    execFileSync("mount", ["-t", "tmpfs", "none", directory], { stdio: "ignore" });
    execFileSync("umount", [directory], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  } finally {
    rmdirSync(directory);
  }
}

function makeFolder(): string {
  return mkdtempSync(join(tmpdir(), "bootstamp-mounts-"));
}
