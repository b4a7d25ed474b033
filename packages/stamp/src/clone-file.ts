import {
  closeSync,
  constants,
  copyFileSync,
  fchmodSync,
  fstatSync,
  ftruncateSync,
  openSync,
  rmSync,
} from "node:fs";
import { copyFile } from "node:fs/promises";
import { setImmediate as nextTurn } from "node:timers/promises";
import {
  type ByteSource,
  FileSource,
  type Overwrite,
  overwrittenSource,
  writeAtSync,
} from "@bootstamp/byte-source";
import { alignExtents, extentEnd, isZeroRun } from "@bootstamp/segment-map";
import { promptSource } from "./prompt-source.ts";

/** Of every file system that shares blocks. */
const blockLength = 4096;
/** Bytes that are written before others get their turn. */
const windowLength = 1 << 20;

/**
 * Creates `path` as a clone of `source` with `overwrites` in it, for the user's umask whatever the source's mode.
 *
 * The blocks are shared where the file system can (XFS, btrfs, bcachefs), so that it costs nothing per byte of the
 * file; elsewhere they are copied. A source that is no file is read whole; 4 KiB blocks of zeros are left as holes.
 * @throws SourceError `SOURCE_CHANGED` if `source` is not what it was when it was opened; the system's error.
 */
export async function cloneFile(
  source: ByteSource,
  path: string,
  overwrites: readonly Overwrite[],
): Promise<void> {
  const descriptor =
    source instanceof FileSource
      ? (shareBlocks(source, path) ?? (await copyBlocks(source, path)))
      : await fetchBlocks(source, path);
  try {
    await writeBlocks(descriptor, source, overwrites);
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Creates `path` as a file that shares all blocks with `source`, and returns its descriptor, for writing.
 * Returns undefined, with nothing at `path`, where blocks cannot be shared. Takes microseconds, so it is done at once:
 * to hand it to another thread and back would cost more than it does.
 */
export function shareBlocks(source: FileSource, path: string): number | undefined {
  const { descriptor, mode } = create(path);
  try {
    copyFileSync(source.path, path, constants.COPYFILE_FICLONE_FORCE);
    fchmodSync(descriptor, mode);
  } catch {
    closeSync(descriptor);
    rmSync(path, { force: true });
    return undefined;
  }
  return checked(source, descriptor);
}

async function copyBlocks(source: FileSource, path: string): Promise<number> {
  const { descriptor, mode } = create(path);
  try {
    await copyFile(source.path, path, constants.COPYFILE_FICLONE);
    fchmodSync(descriptor, mode);
  } catch (error) {
    // If the source is gone, that explains a failed copy better than the copy does.
    checked(source, descriptor);
    closeSync(descriptor);
    throw error;
  }
  return checked(source, descriptor);
}

async function fetchBlocks(source: ByteSource, path: string): Promise<number> {
  const { descriptor } = create(path);
  try {
    ftruncateSync(descriptor, source.length);
    for (let at = 0; at < source.length; at += windowLength) {
      const bytes = await source.read(at, Math.min(windowLength, source.length - at));
      for (let done = 0; done < bytes.length; done += blockLength) {
        const block = bytes.subarray(done, done + blockLength);
        if (!isZeroRun(block)) writeAtSync(descriptor, block, at + done);
      }
    }
    return descriptor;
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

/** Before the copy, which gives the file the source's mode: that may forbid to open it for writing. */
function create(path: string): { descriptor: number; mode: number } {
  const descriptor = openSync(path, "wx");
  return { descriptor, mode: fstatSync(descriptor).mode & 0o777 };
}

/** The copy was made by name, so the name must still lead to the file that is open, and that be unchanged. */
function checked(source: FileSource, descriptor: number): number {
  try {
    FileSource.reopen(source.path, source.fingerprint).close();
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
  return descriptor;
}

/**
 * Writes every block that an overwrite touches, whole: to change a part of a block, the system would first have to
 * read it, from the disk, since of a fresh clone nothing is in memory; of the source it is.
 */
async function writeBlocks(
  descriptor: number,
  source: ByteSource,
  overwrites: readonly Overwrite[],
): Promise<void> {
  const content = overwrittenSource(promptSource(source), overwrites);
  const extents = overwrites.map(({ offset, bytes }) => ({ offset, length: bytes.length }));
  for (const extent of alignExtents(extents, blockLength, source.length)) {
    for (let at = extent.offset; at < extentEnd(extent); at += windowLength) {
      if (at > extent.offset) await nextTurn();
      const length = Math.min(windowLength, extentEnd(extent) - at);
      writeAtSync(descriptor, await content.read(at, length), at);
    }
  }
}
