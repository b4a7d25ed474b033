import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { copyRange, type ByteRange } from "./copy-range.ts";
import { run, runBytes } from "./run.ts";

/**
 * Checks a FAT file system, changing nothing, and returns the report. A partition of an image is copied out first,
 * since fsck.vfat takes no offset.
 * @throws Error where it finds a fault.
 */
export async function fsckVfat(path: string, range?: ByteRange): Promise<string> {
  if (range === undefined) return run("fsck.vfat", ["-n", "-V", path]);
  const folder = await mkdtemp(join(tmpdir(), "fsck-vfat-"));
  try {
    const copy = join(folder, "partition.img");
    await copyRange(path, range, copy);
    return await run("fsck.vfat", ["-n", "-V", copy]);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/**
 * Runs one of the mtools (`mdir`, `mcopy`, `mattrib` ...) on the file system at a byte offset of an image. Paths inside
 * it start with `::`.
 */
export async function mtools(
  command: string,
  path: string,
  offset: number,
  args: readonly string[],
): Promise<string> {
  return run(command, ["-i", `${path}@@${offset}`, ...args], { env: mtoolsEnvironment });
}

/** Returns the content of a file in a FAT file system at a byte offset of an image. */
export async function readFatFile(path: string, file: string, offset = 0): Promise<Buffer> {
  const args = ["-i", `${path}@@${offset}`, `::${file}`, "-"];
  return runBytes("mcopy", args, { env: mtoolsEnvironment });
}

/** Without this mtools refuses images whose geometry is not a floppy's. */
const mtoolsEnvironment = { MTOOLS_SKIP_CHECK: "1" };
